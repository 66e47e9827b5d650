// SPDX-License-Identifier: Apache-2.0

package firmsign.samples;

import com.amazonaws.services.signer.AWSsigner;
import com.amazonaws.services.signer.model.ListSigningPlatformsRequest;
import com.amazonaws.services.signer.model.ListSigningPlatformsResult;
import com.amazonaws.services.signer.model.SigningPlatform;

/** Shows all signing platforms. The guide passes no token on, and so would never end over two pages. */
final class ListSigningPlatforms {
    private ListSigningPlatforms() {}

    static void run(AWSsigner client) {
        ListSigningPlatformsResult result;
        String nextToken = null;
        do {
            result = client.listSigningPlatforms(
                new ListSigningPlatformsRequest().withMaxResults(2).withNextToken(nextToken));
            for (SigningPlatform platform : result.getPlatforms()) {
                System.out.println("Display Name : " + platform.getDisplayName());
                System.out.println("Platform Id : " + platform.getPlatformId());
                System.out.println("Signing Configuration : " + platform.getSigningConfiguration());
            }
            nextToken = result.getNextToken();
        } while (nextToken != null);
    }
}
