// SPDX-License-Identifier: Apache-2.0

package firmsign.samples;

import com.amazonaws.services.signer.AWSsigner;
import com.amazonaws.services.signer.model.GetSigningPlatformRequest;
import com.amazonaws.services.signer.model.GetSigningPlatformResult;

/** Shows one signing platform. */
final class GetSigningPlatform {
    private GetSigningPlatform() {}

    static void run(AWSsigner client, String platform) {
        GetSigningPlatformResult result =
            client.getSigningPlatform(new GetSigningPlatformRequest().withPlatformId(platform));
        System.out.println("Display Name : " + result.getDisplayName());
        System.out.println("Platform Id : " + result.getPlatformId());
        System.out.println("Signing Configuration : " + result.getSigningConfiguration());
    }
}
