import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.config.ConfigException;

/**
 * Answers, one line a question, what an admin client reads from a properties file. Texts are in base 64.
 *
 * read TEXT -> "ok" and the values of security.protocol, sasl.mechanism, client.id, request.timeout.ms,
 *              ssl.endpoint.identification.algorithm and bootstrap.servers, or "error"
 */
class PropertiesOracle {
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(read(Base64.getDecoder().decode(line.split(" ", -1)[1])));
        }
        out.flush();
    }

    private static String read(byte[] text) throws Exception {
        Properties properties = new Properties();
        properties.load(new ByteArrayInputStream(text));
        Map<String, Object> values = new HashMap<>();
        properties.forEach((key, value) -> values.put((String) key, value));
        AdminClientConfig config;
        try {
            config = new AdminClientConfig(values);
        } catch (ConfigException e) {
            return "error";
        }
        String mechanism = config.originals().containsKey("sasl.mechanism") ? config.getString("sasl.mechanism") : "";
        return String.join(" ", "ok", encode(config.getString("security.protocol").toUpperCase(Locale.ROOT)), encode(mechanism),
            encode(config.getString("client.id")), encode(String.valueOf(config.getInt("request.timeout.ms"))),
            encode(config.getString("ssl.endpoint.identification.algorithm")),
            encode(String.join(",", config.getList("bootstrap.servers"))));
    }

    private static String encode(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
