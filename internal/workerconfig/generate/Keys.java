import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.connect.runtime.distributed.DistributedConfig;
import org.apache.kafka.connect.runtime.standalone.StandaloneConfig;

/**
 * Prints the settings that one version of Kafka Connect and its clients define, a line each, fields separated by tabs:
 * scope, name, type, default, valid values, bounds. Nothing of their documentation is printed.
 */
class Keys {
    public static void main(String[] args) throws Exception {
        // What no version starts without. Converters must be classes that can be loaded, whatever they do.
        String converter = "org.apache.kafka.connect.storage.StringConverter";
        Map<String, String> worker = Map.of(
            "bootstrap.servers", "b:1", // required since 4.2
            "key.converter", converter,
            "value.converter", converter,
            "group.id", "g",
            "offset.storage.topic", "o",
            "config.storage.topic", "c",
            "status.storage.topic", "s",
            "offset.storage.file.filename", "f");

        print("distributed", definition(new DistributedConfig(worker)));
        print("standalone", definition(new StandaloneConfig(worker)));
        printAllowlist();
        print("producer", ProducerConfig.configDef());
        print("consumer", ConsumerConfig.configDef());
        print("admin", AdminClientConfig.configDef());
        for (Field field : TopicConfig.class.getFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getName().endsWith("_CONFIG")) {
                line("topic", (String) field.get(null), "STRING", "", "", "");
            }
        }
    }

    /** The definitions of workers are private in some versions, so they are taken from an instance. */
    private static ConfigDef definition(AbstractConfig config) throws Exception {
        Field field = AbstractConfig.class.getDeclaredField("definition");
        field.setAccessible(true);
        return (ConfigDef) field.get(config);
    }

    /** The policy Allowlist (since 4.2, KIP-1188) reads its key from the worker's file. No definition of the worker has it. */
    private static void printAllowlist() throws Exception {
        Field field;
        try {
            field = Class.forName("org.apache.kafka.connect.connector.policy.AllowlistConnectorClientConfigOverridePolicy")
                .getDeclaredField("CONFIG_DEF");
        } catch (ClassNotFoundException e) {
            return;
        }
        field.setAccessible(true);
        print("distributed", (ConfigDef) field.get(null));
        print("standalone", (ConfigDef) field.get(null));
    }

    private static void print(String scope, ConfigDef definition) throws Exception {
        for (ConfigDef.ConfigKey key : new TreeMap<>(definition.configKeys()).values()) {
            if (key.internalConfig) {
                continue;
            }
            line(scope, key.name, key.type.name(), key.hasDefault() ? "=" + defaultOf(key) : "",
                validValues(key), bounds(key.validator));
        }
    }

    /** A default of null is empty text: to a worker's file they are the same. */
    private static String defaultOf(ConfigDef.ConfigKey key) {
        String text = ConfigDef.convertToString(key.defaultValue, key.type);
        return text == null ? "" : text;
    }

    /** The toString of validators of enumerations is the list of their values in brackets. That of a range looks the same. */
    private static String validValues(ConfigDef.ConfigKey key) {
        String text = String.valueOf(key.validator);
        if (key.validator instanceof ConfigDef.Range || !text.matches("(\\(case insensitive\\) )?\\[[\\w.-]+(, *[\\w.-]+)*\\]")) {
            return "";
        }
        return text.startsWith("[") && ignoresCase(key, text) ? "(case insensitive) " + text : text;
    }

    /** Some validators ignore case and do not say so. */
    private static boolean ignoresCase(ConfigDef.ConfigKey key, String text) {
        for (String value : text.substring(1, text.length() - 1).split(", *")) {
            try {
                key.validator.ensureValid(key.name, value.toUpperCase(Locale.ROOT));
                key.validator.ensureValid(key.name, value.toLowerCase(Locale.ROOT));
            } catch (ConfigException | ClassCastException e) { // the value of a LIST is no String
                return false;
            }
        }
        return true;
    }

    private static String bounds(ConfigDef.Validator validator) throws Exception {
        if (!(validator instanceof ConfigDef.Range)) {
            return "";
        }
        return bound(validator, "min") + ".." + bound(validator, "max");
    }

    private static String bound(ConfigDef.Validator validator, String name) throws Exception {
        Field field = ConfigDef.Range.class.getDeclaredField(name);
        field.setAccessible(true);
        Object value = field.get(validator);
        return value == null ? "" : value.toString();
    }

    private static void line(String... fields) {
        System.out.println(String.join("\t", fields));
    }
}
