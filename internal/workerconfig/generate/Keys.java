import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
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
            "key.converter", converter,
            "value.converter", converter,
            "group.id", "g",
            "offset.storage.topic", "o",
            "config.storage.topic", "c",
            "status.storage.topic", "s",
            "offset.storage.file.filename", "f");

        print("distributed", definition(new DistributedConfig(worker)));
        print("standalone", definition(new StandaloneConfig(worker)));
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

    private static void print(String scope, ConfigDef definition) throws Exception {
        for (ConfigDef.ConfigKey key : new TreeMap<>(definition.configKeys()).values()) {
            if (key.internalConfig) {
                continue;
            }
            line(scope, key.name, key.type.name(), key.hasDefault() ? "=" + defaultOf(key) : "",
                validValues(key.validator), bounds(key.validator));
        }
    }

    /** A default of null is empty text: to a worker's file they are the same. */
    private static String defaultOf(ConfigDef.ConfigKey key) {
        String text = ConfigDef.convertToString(key.defaultValue, key.type);
        return text == null ? "" : text;
    }

    /** What validators of enumerations answer to toString is the list of their values in brackets. */
    private static String validValues(ConfigDef.Validator validator) {
        String text = String.valueOf(validator);
        return text.matches("(\\(case insensitive\\) )?\\[[\\w.-]+(, *[\\w.-]+)*\\]") ? text : "";
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
