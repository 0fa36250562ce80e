package stack

import (
	"context"
	_ "embed"
	"errors"
	"os"
	"path/filepath"
)

// UnrulySource is the class of a source connector without records. It fails where its key "fails" lists: "validate",
// "start", "taskConfigs", "task.start" or "task.poll". Its tasks get its whole configuration. The keys "note" and
// "secret" (a PASSWORD) take any value. [Stack.CompilePlugin] makes it available to workers.
const UnrulySource = "org.example.connect.UnrulySource"

//go:embed java/UnrulySource.java
var unrulySource []byte

// CompilePlugin compiles [UnrulySource] into a folder. It returns the properties of a worker that loads it from there.
func (s *Stack) CompilePlugin(ctx context.Context, folder string) (map[string]string, error) {
	jars, err := install(ctx, workerComponent, s.Options.WorkerVersion, s.Options.Log)
	if err != nil {
		return nil, err
	}
	plugin := filepath.Join(folder, "unruly")
	manifests := filepath.Join(plugin, "META-INF", "services")
	source := filepath.Join(folder, "UnrulySource.java")
	err = errors.Join(
		os.MkdirAll(manifests, 0o755),
		os.WriteFile(source, unrulySource, 0o600),
		os.WriteFile(filepath.Join(manifests, "org.apache.kafka.connect.source.SourceConnector"), []byte(UnrulySource+"\n"), 0o600),
	)
	if err != nil {
		return nil, err
	}
	if err := compile(ctx, jars, source, plugin); err != nil {
		return nil, err
	}
	// The manifest (KIP-898) lets the worker find the plugin without a scan of all classes.
	return map[string]string{"plugin.path": folder, "plugin.discovery": "service_load"}, nil
}
