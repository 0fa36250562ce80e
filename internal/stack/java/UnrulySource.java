package org.example.connect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceConnector;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/**
 * A source without records that fails where its key "fails" says: in "validate", "start" or "taskConfigs" of the
 * connector, in "task.start" or "task.poll" of the task. Its tasks get its whole configuration, and their number as "task".
 *
 * <p>"validate" names what is wrong. "validate.exception" and "validate.error" throw instead, as a connector with a fault or
 * without one of its jars does. "validate.slow" takes longer than a worker waits.
 *
 * <p>With the key "fails.after", a task fails that many milliseconds after its start, while the file "fails.while" exists; with
 * "fails.task", this happens to that task only. With the key "stops.after", a task needs that many milliseconds to stop. With the
 * key "starts", each task appends its number to this file when it starts.
 */
public class UnrulySource extends SourceConnector {
    private Map<String, String> config;

    @Override
    public void start(Map<String, String> config) {
        this.config = config;
        failIn("start", config);
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        failIn("taskConfigs", config);
        List<Map<String, String>> tasks = new ArrayList<>();
        for (int i = 0; i < maxTasks; i++) {
            Map<String, String> task = new HashMap<>(config);
            task.put("task", String.valueOf(i));
            tasks.add(task);
        }
        return tasks;
    }

    @Override
    public Config validate(Map<String, String> config) {
        failIn("validate.exception", config);
        if (fails("validate.error", config)) {
            throw new NoClassDefFoundError("org/example/missing/Driver");
        }
        if (fails("validate.slow", config)) {
            sleep(100_000);
        }
        Config result = super.validate(config);
        for (ConfigValue value : result.configValues()) {
            if (value.name().equals("fails") && fails("validate", config)) {
                value.addErrorMessage("it was told to fail in validate");
            }
        }
        return result;
    }

    @Override
    public Class<? extends Task> taskClass() {
        return UnrulyTask.class;
    }

    @Override
    public void stop() {
    }

    @Override
    public ConfigDef config() {
        return new ConfigDef()
            .define("fails", ConfigDef.Type.LIST, "", ConfigDef.Importance.HIGH, "Where to fail.")
            .define("fails.after", ConfigDef.Type.LONG, -1, ConfigDef.Importance.LOW, "Milliseconds after which a task fails.")
            .define("fails.while", ConfigDef.Type.STRING, "", ConfigDef.Importance.LOW, "A file without which no task fails.")
            .define("fails.task", ConfigDef.Type.STRING, "", ConfigDef.Importance.LOW, "The only task that fails.")
            .define("starts", ConfigDef.Type.STRING, "", ConfigDef.Importance.LOW, "A file that each task writes its number to.")
            .define("stops.after", ConfigDef.Type.LONG, 0, ConfigDef.Importance.LOW, "Milliseconds that a task needs to stop.")
            .define("note", ConfigDef.Type.STRING, "", ConfigDef.Importance.LOW, "Anything.")
            .define("secret", ConfigDef.Type.PASSWORD, "", ConfigDef.Importance.LOW, "Anything that is secret.");
    }

    @Override
    public String version() {
        return "1";
    }

    private static boolean fails(String where, Map<String, String> config) {
        return Arrays.asList(config.getOrDefault("fails", "").split(",")).contains(where);
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new ConnectException(e);
        }
    }

    private static void failIn(String where, Map<String, String> config) {
        if (fails(where, config)) {
            throw new ConnectException("it was told to fail in " + where);
        }
    }

    /** The task, which produces nothing. */
    public static class UnrulyTask extends SourceTask {
        private Map<String, String> config;
        private long started;

        @Override
        public void start(Map<String, String> config) {
            this.config = config;
            this.started = System.currentTimeMillis();
            noteStart();
            failIn("task.start", config);
        }

        @Override
        public List<SourceRecord> poll() throws InterruptedException {
            failIn("task.poll", config);
            failLate();
            Thread.sleep(100);
            return null;
        }

        private void noteStart() {
            if (config.getOrDefault("starts", "").isEmpty()) {
                return;
            }
            try {
                Files.writeString(Path.of(config.get("starts")), config.get("task") + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new ConnectException(e);
            }
        }

        private void failLate() {
            if (!List.of("", config.get("task")).contains(config.getOrDefault("fails.task", ""))) {
                return;
            }
            long after = Long.parseLong(config.getOrDefault("fails.after", "-1"));
            boolean caused = Files.exists(Path.of(config.getOrDefault("fails.while", "")));
            if (after >= 0 && caused && System.currentTimeMillis() - started >= after) {
                throw new ConnectException("it was told to fail after " + after + " ms");
            }
        }

        @Override
        public void stop() {
            sleep(Long.parseLong(config.getOrDefault("stops.after", "0")));
        }

        @Override
        public String version() {
            return "1";
        }
    }
}
