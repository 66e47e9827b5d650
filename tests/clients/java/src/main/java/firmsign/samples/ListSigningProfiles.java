// SPDX-License-Identifier: Apache-2.0

package firmsign.samples;

import com.amazonaws.services.signer.AWSsigner;
import com.amazonaws.services.signer.model.ListSigningProfilesRequest;
import com.amazonaws.services.signer.model.ListSigningProfilesResult;
import com.amazonaws.services.signer.model.SigningProfile;

/** Shows all active profiles. As with platforms, the guide passes no token on. */
final class ListSigningProfiles {
    private ListSigningProfiles() {}

    static void run(AWSsigner client) {
        ListSigningProfilesResult result;
        String nextToken = null;
        do {
            result = client.listSigningProfiles(new ListSigningProfilesRequest().withNextToken(nextToken));
            for (SigningProfile profile : result.getProfiles()) {
                System.out.println("Profile Name : " + profile.getProfileName());
                System.out.println("Cert Arn : " + profile.getSigningMaterial().getCertificateArn());
                System.out.println("Profile Status : " + profile.getStatus());
                System.out.println("Platform Id : " + profile.getPlatformId());
            }
            nextToken = result.getNextToken();
        } while (nextToken != null);
    }
}
