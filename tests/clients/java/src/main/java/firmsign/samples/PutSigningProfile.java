// SPDX-License-Identifier: Apache-2.0

package firmsign.samples;

import com.amazonaws.services.signer.AWSsigner;
import com.amazonaws.services.signer.model.PutSigningProfileRequest;
import com.amazonaws.services.signer.model.SigningMaterial;

/** Makes a signing profile. The guide's withPlatform() was published as withPlatformId(). */
final class PutSigningProfile {
    private PutSigningProfile() {}

    static void run(AWSsigner client, String profile, String certificate, String platform) {
        client.putSigningProfile(new PutSigningProfileRequest()
            .withProfileName(profile)
            .withSigningMaterial(new SigningMaterial().withCertificateArn(certificate))
            .withPlatformId(platform));
    }
}
