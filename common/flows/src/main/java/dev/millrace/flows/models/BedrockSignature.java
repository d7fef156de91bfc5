package dev.millrace.flows.models;

import okhttp3.Request;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/**
 * Signs requests to Bedrock: with an API key of it, or with the keys of an account. The identity of
 * the machine is not used, as it is not the flow's.
 */
final class BedrockSignature {
  private static final String API_KEY = "bedrockBearerToken";

  private BedrockSignature() {}

  /**
   * @throws ModelException when there is nothing to sign with
   */
  static void check(ModelConfig config) {
    if (config.text(API_KEY) == null
        && (config.text("awsKey") == null || config.text("awsSecret") == null)) {
      throw config.wrong(
          "no key: choose a credential that has awsKey and awsSecret, or bedrockBearerToken");
    }
  }

  static Request sign(ModelConfig config, String region, Request request, byte[] body) {
    var key = config.text(API_KEY);
    if (key != null) {
      return request.newBuilder().header("Authorization", "Bearer " + key).build();
    }
    var plain =
        SdkHttpRequest.builder()
            .method(SdkHttpMethod.POST)
            .uri(request.url().uri())
            .encodedPath(request.url().encodedPath())
            .putHeader("Content-Type", "application/json")
            .build();
    var signed =
        AwsV4HttpSigner.create()
            .sign(sign ->
                sign.identity(identity(config))
                    .request(plain)
                    .payload(ContentStreamProvider.fromByteArrayUnsafe(body))
                    .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "bedrock")
                    .putProperty(AwsV4HttpSigner.REGION_NAME, region));
    var complete = request.newBuilder();
    signed
        .request()
        .headers()
        .forEach((name, values) -> complete.header(name, String.join(",", values)));
    return complete.build();
  }

  private static AwsCredentialsIdentity identity(ModelConfig config) {
    var key = config.required("awsKey");
    var secret = config.required("awsSecret");
    var session = config.text("awsSession");
    return session == null
        ? AwsCredentialsIdentity.create(key, secret)
        : AwsSessionCredentialsIdentity.create(key, secret, session);
  }
}
