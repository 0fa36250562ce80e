import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.connector.policy.AllowlistConnectorClientConfigOverridePolicy;
import org.apache.kafka.connect.runtime.distributed.DistributedConfig;
import org.apache.kafka.connect.runtime.standalone.StandaloneConfig;

/**
 * Answers, one line a question, what Kafka makes of a value. Texts are in base 64.
 *
 * distributed KEY VALUE -> "ok", "type" (not a value of this type), "invalid" (refused by the key's validator) or
 *                          "unknown" (no such key), and likewise for standalone, producer, consumer and admin
 */
class ValuesOracle {
    public static void main(String[] args) throws Exception {
        Map<String, ConfigDef> definitions = definitions();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", -1);
            out.println(check(definitions.get(words[0]).configKeys().get(decode(words[1])), decode(words[2])));
        }
        out.flush();
    }

    private static String check(ConfigDef.ConfigKey key, String value) {
        if (key == null) {
            return "unknown";
        }
        Object parsed;
        try {
            parsed = ConfigDef.parseType(key.name, value, key.type);
        } catch (ConfigException e) {
            return "type";
        }
        try {
            if (key.validator != null) {
                key.validator.ensureValid(key.name, parsed);
            }
        } catch (ConfigException e) {
            return "invalid";
        }
        return "ok";
    }

    private static Map<String, ConfigDef> definitions() throws Exception {
        String converter = "org.apache.kafka.connect.storage.StringConverter";
        Map<String, String> worker = Map.of("bootstrap.servers", "b:1", "key.converter", converter, "value.converter", converter, "group.id", "g",
            "offset.storage.topic", "o", "config.storage.topic", "c", "status.storage.topic", "s",
            "offset.storage.file.filename", "f");
        Map<String, ConfigDef> definitions = new HashMap<>();
        definitions.put("distributed", withAllowlist(definition(new DistributedConfig(worker))));
        definitions.put("standalone", withAllowlist(definition(new StandaloneConfig(worker))));
        definitions.put("producer", ProducerConfig.configDef());
        definitions.put("consumer", ConsumerConfig.configDef());
        definitions.put("admin", AdminClientConfig.configDef());
        return definitions;
    }

    /** Adds the key of the policy Allowlist, which is in no definition of the worker. */
    private static ConfigDef withAllowlist(ConfigDef worker) throws Exception {
        Field field = AllowlistConnectorClientConfigOverridePolicy.class.getDeclaredField("CONFIG_DEF");
        field.setAccessible(true);
        ConfigDef all = new ConfigDef(worker);
        ((ConfigDef) field.get(null)).configKeys().values().forEach(all::define);
        return all;
    }

    private static ConfigDef definition(AbstractConfig config) throws Exception {
        Field field = AbstractConfig.class.getDeclaredField("definition");
        field.setAccessible(true);
        return (ConfigDef) field.get(config);
    }

    private static String decode(String word) {
        return new String(Base64.getDecoder().decode(word), StandardCharsets.UTF_8);
    }
}
