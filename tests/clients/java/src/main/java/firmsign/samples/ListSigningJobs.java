// SPDX-License-Identifier: Apache-2.0

package firmsign.samples;

import com.amazonaws.services.signer.AWSsigner;
import com.amazonaws.services.signer.model.AccessDeniedException;
import com.amazonaws.services.signer.model.InternalServiceErrorException;
import com.amazonaws.services.signer.model.ListSigningJobsRequest;
import com.amazonaws.services.signer.model.ListSigningJobsResult;
import com.amazonaws.services.signer.model.ThrottlingException;
import com.amazonaws.services.signer.model.ValidationException;

/** Shows up to ten jobs of one platform that succeeded. The guide's withPlatform() was published as withPlatformId(). */
final class ListSigningJobs {
    private ListSigningJobs() {}

    static void run(AWSsigner client, String platform) {
        list(client, new ListSigningJobsRequest().withStatus("Succeeded").withPlatformId(platform).withMaxResults(10));
    }

    static void runInvalid(AWSsigner client) {
        try {
            list(client, new ListSigningJobsRequest().withStatus("Status"));
        } catch (ValidationException error) {
            System.out.println("ValidationException : " + error.getErrorMessage());
        }
    }

    private static void list(AWSsigner client, ListSigningJobsRequest request) {
        ListSigningJobsResult result = null;
        try {
            result = client.listSigningJobs(request);
        } catch (ValidationException error) {
            throw error;
        } catch (AccessDeniedException error) {
            throw error;
        } catch (ThrottlingException error) {
            throw error;
        } catch (InternalServiceErrorException error) {
            throw error;
        }
        System.out.println(result.toString());
    }
}
