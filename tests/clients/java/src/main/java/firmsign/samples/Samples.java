// SPDX-License-Identifier: Apache-2.0
//
// What the nine Java samples of the Code Signing for AWS IoT developer guide do, one class each, in the order in which a
// user needs them. Endpoint, certificate and places are arguments; the rest is as the guide has it, but for what the
// published SDK spells otherwise: AWSsigner for AWSSigner, platformId for platform, and signing by a profile where the
// guide's preview passes certificate and platform to StartSigningJob.

package firmsign.samples;

import com.amazonaws.auth.profile.ProfileCredentialsProvider;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.signer.AWSsigner;
import com.amazonaws.services.signer.AWSsignerClient;

public final class Samples {
    private Samples() {}

    /** Arguments: credentials file, endpoint, region, certificate ARN, platform, bucket, key, version. */
    public static void main(String[] arguments) throws Exception {
        AWSsigner client = AWSsignerClient.builder()
            .withEndpointConfiguration(new EndpointConfiguration(arguments[1], arguments[2]))
            .withCredentials(new ProfileCredentialsProvider(arguments[0], "default"))
            .build();
        String profile = "MyProfile";
        String platform = arguments[4];

        begin("ListSigningPlatforms");
        ListSigningPlatforms.run(client);
        begin("GetSigningPlatform");
        GetSigningPlatform.run(client, platform);
        begin("PutSigningProfile");
        PutSigningProfile.run(client, profile, arguments[3], platform);
        begin("GetSigningProfile");
        GetSigningProfile.run(client, profile);
        begin("ListSigningProfiles");
        ListSigningProfiles.run(client);
        begin("StartSigningJob");
        String job = StartSigningJob.run(client, profile, arguments[5], arguments[6], arguments[7]);
        begin("DescribeSigningJob");
        DescribeSigningJob.run(client, job);
        begin("ListSigningJobs");
        ListSigningJobs.run(client, platform);
        begin("CancelSigningProfile");
        CancelSigningProfile.run(client, profile);

        // What the samples catch, they can get.
        begin("Refusals");
        DescribeSigningJob.runUnknown(client);
        StartSigningJob.runCanceled(client, profile, arguments[5], arguments[6], arguments[7]);
        ListSigningJobs.runInvalid(client);
    }

    private static void begin(String operation) {
        System.out.println("== " + operation);
    }
}
