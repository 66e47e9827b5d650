// SPDX-License-Identifier: Apache-2.0

package firmsign.samples;

import com.amazonaws.services.signer.AWSsigner;
import com.amazonaws.services.signer.model.GetSigningProfileRequest;
import com.amazonaws.services.signer.model.GetSigningProfileResult;

/** Shows one signing profile. The guide's getPlatform() was published as getPlatformId(). */
final class GetSigningProfile {
    private GetSigningProfile() {}

    static void run(AWSsigner client, String profile) {
        GetSigningProfileResult result =
            client.getSigningProfile(new GetSigningProfileRequest().withProfileName(profile));
        System.out.println("Profile Name : " + result.getProfileName());
        System.out.println("Certificate Arn : " + result.getSigningMaterial().getCertificateArn());
        System.out.println("Platform : " + result.getPlatformId());
    }
}
