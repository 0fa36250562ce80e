package stack

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A tool is a command that the stack needs, and the Debian package that contains it.
type tool struct{ command, debianPackage string }

var (
	javaTool  = tool{"java", "openjdk-17-jdk-headless"}
	mavenTool = tool{"mvn", "maven"}
)

// path returns the path of the command. For java, JAVA_HOME takes precedence over PATH.
func (t tool) path() (string, error) {
	if home := os.Getenv("JAVA_HOME"); home != "" && t == javaTool {
		return exec.LookPath(filepath.Join(home, "bin", t.command))
	}
	return exec.LookPath(t.command)
}

// requireTools returns an error of one line that names every missing tool and its package.
func requireTools(tools ...tool) error {
	var missing, packages []string
	for _, t := range tools {
		if _, err := t.path(); err != nil {
			missing = append(missing, fmt.Sprintf("%s (%v)", t.command, err))
			packages = append(packages, t.debianPackage)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("tools that Kafka needs are not installed: %s; on Debian: apt-get install %s",
		strings.Join(missing, ", "), strings.Join(packages, " "))
}

// classPath returns the value of java's -cp option for all jars of a folder.
func classPath(folder string) string { return filepath.Join(folder, "*") }

// compile compiles Java sources against the jars of a folder. The class files go below the folder classes.
func compile(ctx context.Context, jars, classes string, sources ...string) error {
	java, err := javaTool.path()
	if err != nil {
		return err
	}
	list, err := filepath.Glob(classPath(jars) + ".jar") // javac does not expand the pattern
	if err != nil {
		return err
	}
	// The compiler runs as a module of java, because PATH may have the javac of another JDK.
	arguments := []string{
		"-m", "jdk.compiler/com.sun.tools.javac.Main", "--release", "17", "-proc:none",
		"-cp", strings.Join(list, string(os.PathListSeparator)), "-d", classes,
	}
	cmd := exec.CommandContext(ctx, java, append(arguments, sources...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("compile %s: %w\n%s", filepath.Base(sources[0]), err, out)
	}
	return nil
}

// workerMain is the class that every worker starts with. It is compiled for each version of the worker.
const workerMain = "org.example.connect.StackWorker"

//go:embed java/StackWorker.java
var workerMainSource []byte

// movedClasses are the classes of org.apache.kafka.common.utils that Kafka 4.4 moved to the package internals and that
// plugins built for earlier versions use. Workers that are newer than their plugins get them under their former names.
var movedClasses = []string{"AppInfoParser", "Exit", "Sanitizer"}

// movedClass returns the source of a class under its former name.
func movedClass(name string) []byte {
	return fmt.Appendf(nil, "package org.apache.kafka.common.utils;\npublic class %s extends org.apache.kafka.common.utils.internals.%[1]s {}\n", name)
}

// workerMainFolder returns the folder with the compiled [workerMain] of a worker's version. A changed source gets another
// folder.
func workerMainFolder(version string) (string, error) {
	cache, err := cacheFolder()
	hash := sha256.Sum256(workerMainSource)
	return filepath.Join(cache, "kafka-"+version, "worker-main-"+hex.EncodeToString(hash[:4])), err
}

// installWorkerMain compiles [workerMain], and the [movedClasses] if the worker needs them, against the jars of a worker,
// unless that happened before. It compiles into a temporary folder and renames it, so that concurrent processes see all or
// nothing.
func installWorkerMain(ctx context.Context, jars, version string) (err error) {
	folder, err := workerMainFolder(version)
	if err != nil || exists(folder) {
		return err
	}
	partial, err := os.MkdirTemp(filepath.Dir(folder), "worker-main-partial-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(partial)) }()
	files := map[string][]byte{"StackWorker.java": workerMainSource}
	if newerThanPlugins(version) {
		for _, name := range movedClasses {
			files[name+".java"] = movedClass(name)
		}
	}
	var sources []string
	for name, text := range files {
		source := filepath.Join(partial, name)
		if err := os.WriteFile(source, text, 0o600); err != nil {
			return err
		}
		sources = append(sources, source)
	}
	if err := compile(ctx, jars, partial, sources...); err != nil {
		return err
	}
	if err := os.Rename(partial, folder); err != nil && !exists(folder) { // another process may have been first
		return err
	}
	return nil
}

// Kafka 4 logs with log4j 2, older versions with log4j 1. Their properties differ.
const (
	log4j2Settings = `status=warn
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=[%d] %p %m (%c)%n
rootLogger.level=info
rootLogger.appenderRef.out.ref=out
`
	log4j1Settings = `log4j.rootLogger=INFO, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=[%d] %p %m (%c)%n
`
	log4j2File, log4j1File = "log4j2.properties", "log4j.properties"
)

// writeLogSettings writes the files that make every process log to standard output.
func writeLogSettings(folder string) error {
	return errors.Join(
		os.WriteFile(filepath.Join(folder, log4j2File), []byte(log4j2Settings), 0o600),
		os.WriteFile(filepath.Join(folder, log4j1File), []byte(log4j1Settings), 0o600),
	)
}

// logOptions returns the java options that name these files.
func logOptions(folder string) []string {
	return []string{
		"-Dlog4j2.configurationFile=" + filepath.Join(folder, log4j2File),
		"-Dlog4j.configuration=file:" + filepath.Join(folder, log4j1File),
	}
}

// UnrulySource is the class of a source connector without records. It fails where its key "fails" lists: "validate",
// "start", "taskConfigs", "task.start" or "task.poll". A task also fails the milliseconds of the key "fails.after" after its
// start, while the file "fails.while" exists. A task needs the milliseconds of the key "stops.after" to stop. Tasks get the
// whole configuration. The keys "note" and "secret" (a PASSWORD) take any value. [Stack.CompilePlugin] makes it available to workers.
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
	if err := compile(ctx, jars, plugin, source); err != nil {
		return nil, err
	}
	// The manifest (KIP-898) lets the worker find the plugin without a scan of all classes.
	return map[string]string{"plugin.path": folder, "plugin.discovery": "service_load"}, nil
}
