// SPDX-License-Identifier: Apache-2.0

package firmsign.samples;

import com.amazonaws.services.signer.AWSsigner;
import com.amazonaws.services.signer.model.AccessDeniedException;
import com.amazonaws.services.signer.model.DescribeSigningJobRequest;
import com.amazonaws.services.signer.model.DescribeSigningJobResult;
import com.amazonaws.services.signer.model.InternalServiceErrorException;
import com.amazonaws.services.signer.model.ResourceNotFoundException;

/** Shows one job, and whether the guide's own job id, which nobody started here, is caught as not found. */
final class DescribeSigningJob {
    private DescribeSigningJob() {}

    static void run(AWSsigner client, String job) {
        DescribeSigningJobResult result = null;
        try {
            result = client.describeSigningJob(new DescribeSigningJobRequest().withJobId(job));
        } catch (ResourceNotFoundException error) {
            throw error;
        } catch (AccessDeniedException error) {
            throw error;
        } catch (InternalServiceErrorException error) {
            throw error;
        }
        System.out.println(result.toString());
    }

    static void runUnknown(AWSsigner client) {
        try {
            run(client, "cc9067a9-9258-489a-abae-1c3408191071");
        } catch (ResourceNotFoundException error) {
            System.out.println("ResourceNotFoundException : " + error.getErrorMessage());
        }
    }
}
