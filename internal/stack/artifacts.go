package stack

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"text/template"
	"time"

	goversion "github.com/hashicorp/go-version"
)

// A component is a broker or a worker. Each has its own folder of jars, because a worker scans every jar on its class path
// for plugins.
type component string

const (
	brokerComponent component = "broker"
	workerComponent component = "worker"
)

// mavenGoal copies the artifacts of a pom.xml and their dependencies into a folder. Without a version Maven takes the
// newest.
const mavenGoal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"

//go:embed pom.xml.tmpl
var pomText string

var pomTemplate = template.Must(template.New("pom.xml").Parse(pomText))

// artifact is a Maven artifact's coordinates.
type artifact struct{ Group, ID, Version string }

// artifacts returns the artifacts of a component. Maven adds their dependencies.
func (c component) artifacts(version string) []artifact {
	const kafka = "org.apache.kafka"
	log4j2 := artifact{"org.apache.logging.log4j", "log4j-slf4j-impl", "2.24.3"}
	log4j1 := artifact{"org.slf4j", "slf4j-reload4j", "1.7.36"}
	modern := !strings.HasPrefix(version, "2.") && !strings.HasPrefix(version, "3.")
	if c == brokerComponent {
		if modern {
			return []artifact{{kafka, "kafka_2.13", version}, log4j2}
		}
		return []artifact{{kafka, "kafka_2.13", version}, log4j1}
	}
	plugins := pluginVersion(version)
	list := []artifact{
		{kafka, "connect-runtime", version},
		{kafka, "connect-json", version},
		{kafka, "connect-transforms", version},
		{kafka, "connect-file", plugins},
		{kafka, "connect-basic-auth-extension", plugins},
	}
	if version != "3.5.2" { // was never published for 3.5.2
		list = append(list, artifact{kafka, "connect-mirror", plugins})
	}
	switch {
	case modern:
		return append(list, log4j2)
	case version == "2.8.2" || version == "3.5.2": // have a binding for SLF4J among their dependencies
		return list
	}
	return append(list, log4j1)
}

// newestPlugins is the newest version of Kafka's file and mirror connectors and of its basic authentication that Maven
// Central has.
const newestPlugins = "4.3.1"

// pluginVersion returns the version of Kafka's own plugins for a worker. A worker of a newer version than [newestPlugins]
// runs with those, see [movedClasses].
func pluginVersion(worker string) string {
	if newerThanPlugins(worker) {
		return newestPlugins
	}
	return worker
}

func newerThanPlugins(worker string) bool {
	return goversion.Must(goversion.NewVersion(worker)).GreaterThan(goversion.Must(goversion.NewVersion(newestPlugins)))
}

// install returns the folder of a component's jars. If the folder does not exist, Maven fills it first.
func install(ctx context.Context, c component, version string, log io.Writer) (string, error) {
	folder, err := installFolder(c, version)
	if err != nil {
		return "", err
	}
	if exists(folder) {
		return folder, nil
	}
	if err := requireTools(javaTool, mavenTool); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return "", err
	}
	unlock, err := lockFile(ctx, folder+".lock")
	if err != nil {
		return "", fmt.Errorf("wait for another process to install Kafka: %w", err)
	}
	defer unlock()
	if exists(folder) { // the previous holder of the lock has installed it
		return folder, nil
	}
	return folder, download(ctx, c, version, folder, log)
}

// installWorker installs everything that a worker of the version runs on.
func installWorker(ctx context.Context, version string, log io.Writer) error {
	jars, err := install(ctx, workerComponent, version, log)
	if err != nil {
		return err
	}
	return installWorkerMain(ctx, jars, version)
}

// cacheFolder returns the folder of everything that is installed once for all stacks of this user.
func cacheFolder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("folder for Kafka's jars: %w", err)
	}
	return filepath.Join(cache, "terraform-provider-kafkaconnect"), nil
}

func installFolder(c component, version string) (string, error) {
	cache, err := cacheFolder()
	return filepath.Join(cache, "kafka-"+version, string(c)), err
}

// download fills a temporary folder and then renames it, so that an interrupted download leaves no incomplete folder.
func download(ctx context.Context, c component, version, folder string, log io.Writer) (err error) {
	began := time.Now()
	fmt.Fprintf(log, "Kafka %s (%s): downloading (first use only) ...\n", version, c)
	partial, err := os.MkdirTemp(filepath.Dir(folder), string(c)+"-partial-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(partial)) }()
	pom, err := os.Create(filepath.Join(partial, "pom.xml"))
	if err != nil {
		return err
	}
	err = errors.Join(pomTemplate.Execute(pom, c.artifacts(version)), pom.Close())
	if err != nil {
		return fmt.Errorf("write pom.xml: %w", err)
	}
	if err := runMaven(ctx, partial, log); err != nil {
		return fmt.Errorf("download Kafka %s (%s): %w", version, c, err)
	}
	if c == brokerComponent && !needsZooKeeper(version) {
		if err := writeBootstrap(ctx, partial); err != nil {
			return fmt.Errorf("prepare Kafka %s: %w", version, err)
		}
	}
	if err := os.Rename(partial, folder); err != nil {
		return err
	}
	fmt.Fprintf(log, "Kafka %s (%s): downloaded in %s\n", version, c, time.Since(began).Round(time.Second))
	return nil
}

// runMaven runs [mavenGoal] in the folder with the pom.xml, and copies the jars into the same folder.
func runMaven(ctx context.Context, folder string, log io.Writer) error {
	maven, err := mavenTool.path()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, maven, "--batch-mode", "--strict-checksums", mavenGoal, "-DoutputDirectory="+folder)
	cmd.Dir = folder
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		return err
	}
	failures := showDownloads(out, log)
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("mvn: %w\n%s", err, strings.Join(failures, "\n"))
	}
	return nil
}

// showDownloads reads Maven's output, reports every twentieth jar and returns the error lines.
func showDownloads(out io.Reader, log io.Writer) (failures []string) {
	jars := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := lines.Text()
		switch {
		case strings.Contains(line, "Downloaded from") && strings.Contains(line, ".jar"):
			if jars++; jars%20 == 0 {
				fmt.Fprintf(log, "  %d jars\n", jars)
			}
		case strings.HasPrefix(line, "[ERROR]"):
			failures = append(failures, line)
		}
	}
	return failures
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// lockFile takes an exclusive lock. It ends with unlock or with this process. The file is not removed: otherwise two
// processes could lock two different files of the same name.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(err, f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		case <-time.After(200 * time.Millisecond):
		}
	}
}
