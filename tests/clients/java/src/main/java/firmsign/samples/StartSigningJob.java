// SPDX-License-Identifier: Apache-2.0

package firmsign.samples;

import com.amazonaws.services.signer.AWSsigner;
import com.amazonaws.services.signer.model.AccessDeniedException;
import com.amazonaws.services.signer.model.Destination;
import com.amazonaws.services.signer.model.InternalServiceErrorException;
import com.amazonaws.services.signer.model.ResourceNotFoundException;
import com.amazonaws.services.signer.model.S3Destination;
import com.amazonaws.services.signer.model.S3Source;
import com.amazonaws.services.signer.model.Source;
import com.amazonaws.services.signer.model.StartSigningJobRequest;
import com.amazonaws.services.signer.model.StartSigningJobResult;
import com.amazonaws.services.signer.model.ThrottlingException;
import com.amazonaws.services.signer.model.ValidationException;

/**
 * Starts a job whose destination is a bucket alone.
 *
 * The guide's request has certificate and platform and no profile. No published SDK has such members: a profile stands for
 * them here, and test_java_samples.py sends the guide's form as it is.
 */
final class StartSigningJob {
    private StartSigningJob() {}

    static String run(AWSsigner client, String profile, String bucket, String key, String version) {
        Source source = new Source().withS3(
            new S3Source().withBucketName(bucket).withKey(key).withVersion(version));
        Destination destination = new Destination().withS3(new S3Destination().withBucketName(bucket));
        StartSigningJobRequest request = new StartSigningJobRequest()
            .withSource(source)
            .withDestination(destination)
            .withProfileName(profile);
        StartSigningJobResult result = null;
        try {
            result = client.startSigningJob(request);
        } catch (ValidationException error) {
            throw error;
        } catch (ResourceNotFoundException error) {
            throw error;
        } catch (AccessDeniedException error) {
            throw error;
        } catch (ThrottlingException error) {
            throw error;
        } catch (InternalServiceErrorException error) {
            throw error;
        }
        System.out.println("Job ID: " + result.getJobId());
        return result.getJobId();
    }

    static void runCanceled(AWSsigner client, String profile, String bucket, String key, String version) {
        try {
            run(client, profile, bucket, key, version);
        } catch (ValidationException error) {
            System.out.println("ValidationException : " + error.getErrorMessage());
        }
        try {
            run(client, "NoSuchProfile", bucket, key, version);
        } catch (ResourceNotFoundException error) {
            System.out.println("ResourceNotFoundException : " + error.getErrorMessage());
        }
        try {
            run(client, "OtherProfile", bucket, "no-such-key", version);
        } catch (AccessDeniedException error) {
            System.out.println("AccessDeniedException : " + error.getErrorMessage());
        }
    }
}
