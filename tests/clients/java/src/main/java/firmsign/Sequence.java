// SPDX-License-Identifier: Apache-2.0
//
// Sends the steps of a sequence with the AWS SDK for Java 1.x: a task in JSON in, a line of JSON a step out.
// differential/sequence.py says what a task is; differential/drive.py does the same with boto3.

package firmsign;

import com.amazonaws.AmazonServiceException;
import com.amazonaws.AmazonWebServiceRequest;
import com.amazonaws.AmazonWebServiceResult;
import com.amazonaws.ClientConfiguration;
import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.signer.AWSsigner;
import com.amazonaws.services.signer.AWSsignerClient;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.Date;
import java.util.Iterator;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public final class Sequence {
    private static final int POLLS_MAX = 600;
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+)\\}");
    private static final String MODEL = "com.amazonaws.services.signer.model.";

    /** What is the SDK's own about a result. */
    @JsonIgnoreProperties({"sdkResponseMetadata", "sdkHttpMetadata"})
    private interface Result {}

    private static final class Seconds extends JsonSerializer<Date> {
        @Override
        public void serialize(Date moment, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeNumber(moment.getTime() / 1000.0);
        }
    }

    // Requests and results are beans with the names of the wire. isRevoked() would be a second name of getIsRevoked().
    private static final ObjectMapper MAPPER = JsonMapper.builder()
        .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .serializationInclusion(JsonInclude.Include.NON_NULL)
        .addMixIn(AmazonWebServiceResult.class, Result.class)
        .addModule(new SimpleModule().addSerializer(Date.class, new Seconds()))
        .build();

    private final AWSsigner client;
    private final ObjectNode variables;

    private Sequence(JsonNode task) {
        variables = (ObjectNode) task.get("variables");
        client = AWSsignerClient.builder()
            .withEndpointConfiguration(
                new EndpointConfiguration(task.get("endpoint").asText(), task.get("region").asText()))
            .withCredentials(new AWSStaticCredentialsProvider(
                new BasicAWSCredentials(task.get("key").asText(), task.get("secret").asText())))
            .withClientConfiguration(
                new ClientConfiguration().withMaxErrorRetry(0).withDisableHostPrefixInjection(true))
            .build();
    }

    public static void main(String[] arguments) throws Exception {
        JsonNode task = MAPPER.readTree(System.in);
        Sequence sequence = new Sequence(task);
        for (JsonNode step : task.get("steps")) {
            ObjectNode line = sequence.run(step);
            line.put("name", step.get("name").asText());
            System.out.println(MAPPER.writeValueAsString(line));
        }
    }

    private ObjectNode run(JsonNode step) throws Exception {
        ObjectNode line = MAPPER.createObjectNode();
        if (step.has("client") || !exists(step.get("operation").asText())) {
            return line.put("absent", true);
        }
        try {
            return step.has("pages") ? pages(step, line) : poll(step, line);
        } catch (AmazonServiceException error) {
            line.put("status", error.getStatusCode());
            line.put("error", error.getErrorCode());
            line.put("message", error.getErrorMessage());
            JsonNode code = MAPPER.valueToTree(error).get("code");
            if (code != null) {
                line.set("code", code);
            }
            return line;
        }
    }

    private static boolean exists(String operation) {
        try {
            Class.forName(MODEL + operation + "Request");
            return true;
        } catch (ClassNotFoundException error) {
            return false;
        }
    }

    private AmazonWebServiceResult<?> send(String operation, JsonNode input) throws Exception {
        Class<?> type = Class.forName(MODEL + operation + "Request");
        AmazonWebServiceRequest request = (AmazonWebServiceRequest) MAPPER.treeToValue(input, type);
        String method = Character.toLowerCase(operation.charAt(0)) + operation.substring(1);
        try {
            return (AmazonWebServiceResult<?>) AWSsigner.class.getMethod(method, type).invoke(client, request);
        } catch (InvocationTargetException error) {
            throw (Exception) error.getCause();
        }
    }

    private ObjectNode poll(JsonNode step, ObjectNode line) throws Exception {
        JsonNode input = resolve(step.get("input"));
        for (int i = 0; i < POLLS_MAX; ++i) {
            AmazonWebServiceResult<?> result = send(step.get("operation").asText(), input);
            ObjectNode output = MAPPER.valueToTree(result);
            if (!step.has("while") || differs(output, step.get("while"))) {
                if (step.has("save")) {
                    save(step.get("save"), output);
                }
                line.put("status", result.getSdkHttpMetadata().getHttpStatusCode());
                return line.set("output", output);
            }
            Thread.sleep(50);
        }
        throw new IllegalStateException(step.get("operation") + " still answers " + step.get("while"));
    }

    /** All pages as one; this SDK has no paginators. */
    private ObjectNode pages(JsonNode step, ObjectNode line) throws Exception {
        ObjectNode input = (ObjectNode) resolve(step.get("input"));
        ObjectNode output = MAPPER.createObjectNode();
        ArrayNode items = output.putArray(step.get("pages").asText());
        ArrayNode sizes = output.putArray("pages");
        JsonNode token;
        do {
            AmazonWebServiceResult<?> result = send(step.get("operation").asText(), input);
            ObjectNode page = MAPPER.valueToTree(result);
            ArrayNode found = (ArrayNode) page.get(step.get("pages").asText());
            items.addAll(found);
            sizes.add(found.size());
            line.put("status", result.getSdkHttpMetadata().getHttpStatusCode());
            token = page.get("nextToken");
            input.set("nextToken", token);
        } while (token != null);
        return line.set("output", output);
    }

    private static boolean differs(JsonNode output, JsonNode unwanted) {
        for (Iterator<Map.Entry<String, JsonNode>> all = unwanted.fields(); all.hasNext();) {
            Map.Entry<String, JsonNode> one = all.next();
            if (!one.getValue().equals(output.get(one.getKey()))) {
                return true;
            }
        }
        return false;
    }

    private void save(JsonNode names, JsonNode output) {
        for (Iterator<Map.Entry<String, JsonNode>> all = names.fields(); all.hasNext();) {
            Map.Entry<String, JsonNode> one = all.next();
            variables.set(one.getKey(), output.at("/" + one.getValue().asText().replace('.', '/')));
        }
    }

    private JsonNode resolve(JsonNode value) {
        if (value.isTextual()) {
            Matcher matcher = VARIABLE.matcher(value.asText());
            String text = matcher.replaceAll(
                match -> Matcher.quoteReplacement(variables.get(match.group(1)).asText()));
            return MAPPER.getNodeFactory().textNode(text);
        }
        if (value.isArray()) {
            ArrayNode array = MAPPER.createArrayNode();
            value.forEach(one -> array.add(resolve(one)));
            return array;
        }
        if (!value.isObject()) {
            return value;
        }
        if (value.has("$time")) {
            return MAPPER.getNodeFactory().numberNode(value.get("$time").asLong() * 1000);
        }
        if (value.has("$bytes")) {
            return value.get("$bytes");
        }
        ObjectNode object = MAPPER.createObjectNode();
        value.fields().forEachRemaining(one -> object.set(one.getKey(), resolve(one.getValue())));
        return object;
    }
}
