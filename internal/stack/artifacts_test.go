package stack

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// fakeMaven puts an mvn on an otherwise empty PATH. It writes one jar and a line to the returned file for each call.
func fakeMaven(t *testing.T, script string) (calls string) {
	t.Helper()
	bin := t.TempDir()
	calls = filepath.Join(bin, "calls")
	text := "#!/bin/sh\necho \"$@\" >> " + calls + "\n" + script + "\n"
	if err := os.WriteFile(filepath.Join(bin, "mvn"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	t.Setenv("JAVA_HOME", fakeJavaHome(t))
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", "")
	return calls
}

func fakeJavaHome(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "bin", "java"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return home
}

func TestInstallOnceForAll(t *testing.T) {
	calls := fakeMaven(t, "echo jar > some.jar\necho '[INFO] Downloaded from central: some.jar'")
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			folder, err := install(t.Context(), workerComponent, "9.8.7", io.Discard)
			if err != nil {
				t.Error(err)
			} else if !exists(filepath.Join(folder, "some.jar")) {
				t.Errorf("no jar in %s", folder)
			}
		})
	}
	group.Wait()
	text, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "\n"); n != 1 {
		t.Errorf("Maven ran %d times, want once", n)
	}
}

func TestInstallFailureShowsWhatMavenSaidAndLeavesNothing(t *testing.T) {
	fakeMaven(t, "echo '[INFO] noise'\necho '[ERROR] Could not find artifact'\nexit 1")
	_, err := install(t.Context(), workerComponent, "9.8.7", io.Discard)
	if err == nil || !strings.Contains(err.Error(), "Could not find artifact") || strings.Contains(err.Error(), "noise") {
		t.Errorf("error %v", err)
	}
	folder, err := installFolder(workerComponent, "9.8.7")
	if err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Dir(folder))
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 || left[0].Name() != "worker.lock" {
		t.Errorf("left over: %v", left)
	}
}

func TestMissingToolsAreOneLine(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("JAVA_HOME", "")
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", "")
	_, err := Up(t.Context(), Options{})
	if err == nil || strings.Contains(err.Error(), "\n") {
		t.Fatalf("error %v, want one line", err)
	}
	for _, want := range []string{"java", "mvn", "openjdk-17-jdk-headless", "maven"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %s", err, want)
		}
	}
}

func TestArtifactsByVersion(t *testing.T) {
	for version, want := range map[string]string{"4.1.0": "log4j-slf4j-impl", "3.7.2": "slf4j-reload4j"} {
		list := brokerComponent.artifacts(version)
		if last := list[len(list)-1].ID; last != want {
			t.Errorf("brokers of %s log through %s, want %s", version, last, want)
		}
	}
}

func TestPluginsByVersion(t *testing.T) {
	t.Parallel()
	for worker, want := range map[string]string{"2.8.2": "2.8.2", "4.3.1": "4.3.1", "4.4.0": newestPlugins, "10.0.0": newestPlugins} {
		for _, artifact := range workerComponent.artifacts(worker) {
			if artifact.ID == "connect-file" && artifact.Version != want {
				t.Errorf("worker %s runs with connect-file %s, want %s", worker, artifact.Version, want)
			}
		}
	}
}
