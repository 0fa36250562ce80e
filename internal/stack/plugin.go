package stack

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// UnrulySource is the class of a source connector without records that fails where its key "fails" says, in some of
// "validate", "start", "taskConfigs", "task.start" and "task.poll". Its tasks get its whole configuration, in which
// "note" and "secret", a PASSWORD, may be anything. Workers have it after [Stack.CompilePlugin].
const UnrulySource = "org.example.connect.UnrulySource"

//go:embed plugin/UnrulySource.java
var unrulySource []byte

// CompilePlugin compiles [UnrulySource] for the workers of the stack into a folder, and returns the properties of a worker
// that has it.
func (s *Stack) CompilePlugin(ctx context.Context, folder string) (map[string]string, error) {
	jars, err := install(ctx, workerComponent, s.Options.WorkerVersion, s.Options.Log)
	if err != nil {
		return nil, err
	}
	java, err := javaTool.path()
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
	list, err := filepath.Glob(classPath(jars) + ".jar") // javac by itself knows no pattern
	if err != nil {
		return nil, err
	}
	// The compiler as a module of java: the java that is found is not always beside its javac.
	cmd := exec.CommandContext(ctx, java, "-m", "jdk.compiler/com.sun.tools.javac.Main",
		"-cp", strings.Join(list, string(os.PathListSeparator)), "-proc:none", "-d", plugin, source)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compile a connector: %w\n%s", err, out)
	}
	// With the manifest (KIP-898) it is found without a search through everything else.
	return map[string]string{"plugin.path": folder, "plugin.discovery": "service_load"}, nil
}
