// SPDX-License-Identifier: Apache-2.0

package firmsign.samples;

import com.amazonaws.services.signer.AWSsigner;
import com.amazonaws.services.signer.model.CancelSigningProfileRequest;

/** Cancels a signing profile. */
final class CancelSigningProfile {
    private CancelSigningProfile() {}

    static void run(AWSsigner client, String profile) {
        client.cancelSigningProfile(new CancelSigningProfileRequest().withProfileName(profile));
    }
}
