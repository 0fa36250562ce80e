import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.JaasContext;

/**
 * Answers, one line a question, how a Kafka client understands sasl.jaas.config. Texts are in base 64.
 *
 * parse JAAS -> "ok", module, flag and the options sorted by name, or "error"
 * file FILE  -> the same for sasl.jaas.config in this properties file
 */
class JAASOracle {
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", -1);
            byte[] text = Base64.getDecoder().decode(words[1]);
            out.println(parse(words[0].equals("file") ? fromFile(text) : new String(text, StandardCharsets.UTF_8)));
        }
        out.flush();
    }

    private static String fromFile(byte[] file) throws Exception {
        Properties properties = new Properties();
        properties.load(new ByteArrayInputStream(file));
        return properties.getProperty("sasl.jaas.config");
    }

    private static String parse(String text) {
        AppConfigurationEntry entry;
        try {
            entry = JaasContext.loadClientContext(Map.of(SaslConfigs.SASL_JAAS_CONFIG, new Password(text)))
                .configurationEntries().get(0);
        } catch (IllegalArgumentException e) {
            return "error";
        }
        if (entry.getOptions().containsKey(null)) {
            return "error"; // Kafka keeps an option without a name, of which no module could know
        }
        StringBuilder answer = new StringBuilder("ok ")
            .append(encode(entry.getLoginModuleName())).append(' ').append(encode(flag(entry)));
        for (var option : new TreeMap<String, Object>(entry.getOptions()).entrySet()) {
            answer.append(' ').append(encode(option.getKey())).append(' ').append(encode((String) option.getValue()));
        }
        return answer.toString();
    }

    private static String flag(AppConfigurationEntry entry) {
        String text = entry.getControlFlag().toString(); // "LoginModuleControlFlag: required"
        return text.substring(text.lastIndexOf(' ') + 1);
    }

    private static String encode(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
