package worker_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/magiconair/properties"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

const (
	workerAddress     = "kafkaconnect_worker_config.test"
	standaloneAddress = "kafkaconnect_standalone_worker_config.test"
)

// fileTest runs the steps. After the destroy, none of the files may exist.
func fileTest(t *testing.T, files []string, steps ...resource.TestStep) {
	t.Helper()
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps:                    steps,
		CheckDestroy: func(*terraform.State) error {
			for _, file := range files {
				if _, err := os.Stat(file); err == nil {
					return fmt.Errorf("file %s still exists", filepath.Base(file))
				}
			}
			return nil
		},
	})
}

// fileHas checks the permission and the settings of a file, and that its folder contains no temporary file.
func fileHas(file string, permission fs.FileMode, want map[string]string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		if info.Mode().Perm() != permission {
			return fmt.Errorf("the file has permission %v", info.Mode())
		}
		got, err := readProperties(file)
		if err != nil {
			return err
		}
		for key, value := range want {
			if got[key] != value {
				return fmt.Errorf("%s is %q, want %q", key, got[key], value)
			}
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".*")); len(left) > 0 {
			return fmt.Errorf("left in the folder: %v", left)
		}
		return nil
	}
}

// readProperties reads a file with a parser other than the one under test.
func readProperties(file string) (map[string]string, error) {
	loader := properties.Loader{Encoding: properties.ISO_8859_1, DisableExpansion: true}
	p, err := loader.LoadFile(file)
	if err != nil {
		return nil, err
	}
	return p.Map(), nil
}

func knownText(address, attribute, value string) plancheck.PlanCheck {
	return plancheck.ExpectKnownValue(address, tfjsonpath.New(attribute), knownvalue.StringExact(value))
}

// If an update moves two files and fails on the second, the former file of the first is removed.
func TestWorkerConfig_updateFailsHalfway(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := func(name string) string { return filepath.Join(folder, name) }
	config := func(a, b string) string {
		return block(distributedKind, "test", workerLines(acctest.UniqueName("middle")), "workers",
			fmt.Sprintf("{ a = { path = %q }, b = { path = %q } }", a, b))
	}
	tooLong := file(strings.Repeat("b", 253)) // for a temporary file beside it
	c := acctest.NewCLI(t, config(file("a-1"), file("b-1")))
	c.Apply()
	c.Configure(config(file("a-2"), tooLong))
	c.MustFail([]string{"Unable to write file"}, "apply", "-auto-approve", "-no-color")
	c.Configure(config(file("a-3"), file("b-3")))
	c.Apply()
	c.Must("destroy", "-auto-approve", "-no-color")
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
}

// When the provider crashes during an update, Terraform drops private state, which contains the digests of the files. The
// resource may still write the files, but not delete them, because they may have been modified.
func TestWorkerConfig_crashDuringUpdate(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "worker.properties")
	lines := acctest.With(workerLines(acctest.UniqueName("crash")), "path", fmt.Sprintf("%q", file))
	c := acctest.NewCLI(t, block(distributedKind, "test", lines))
	has := func(flush string) {
		t.Helper()
		if err := fileHas(file, 0o600, map[string]string{"offset.flush.interval.ms": flush})(nil); err != nil {
			t.Error(err)
		}
	}
	configure := func(flush string) {
		c.Configure(block(distributedKind, "test", acctest.With(lines, "config", `{ "offset.flush.interval.ms" = "`+flush+`" }`)))
	}
	crash := func() {
		t.Helper()
		env := c.Env
		c.Env = append(slices.Clone(env), acctest.CrashEnv+"=updating")
		c.MustFail([]string{"plugin crashed!"}, "apply", "-auto-approve", "-no-color")
		c.Env = env
	}
	c.Apply()
	configure("1000")
	crash()
	has("")
	c.Apply()
	has("1000")
	c.MustBeEmpty()

	configure("2000")
	crash()
	if out := c.Must("destroy", "-auto-approve", "-no-color"); !strings.Contains(acctest.Unwrap(out), "was not removed") || !strings.Contains(acctest.Unwrap(out), "does not know whether the file was modified") {
		t.Errorf("no warning that the file was not removed:\n%s", out)
	}
	has("1000")
}

func TestWorkerConfig_file(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file, moved := filepath.Join(folder, "worker.properties"), filepath.Join(folder, "moved.properties")
	group := acctest.UniqueName("life")
	first := block(distributedKind, "test", workerLines(group), "path", fmt.Sprintf("%q", file))
	changed := block(distributedKind, "test", workerLines(group), "path", fmt.Sprintf("%q", file), "file_permission", `"640"`,
		"offset_storage_partitions", "7", "config", `{ "offset.flush.interval.ms" = "1000" }`)
	elsewhere := strings.Replace(changed, file, moved, 1)
	content := strings.Join([]string{
		"bootstrap.servers=broker-0:9092", "group.id=" + group,
		"offset.storage.topic=" + group + "-offset", "config.storage.topic=" + group + "-config",
		"status.storage.topic=" + group + "-status",
		"key.converter=org.apache.kafka.connect.storage.StringConverter", "value.converter=org.apache.kafka.connect.storage.StringConverter", "",
	}, "\n")
	digest := sha256.Sum256([]byte(content))
	restored := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(workerAddress, plancheck.ResourceActionUpdate),
		knownText(workerAddress, "file_status", "written"),
	}, PostApplyPreRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	edit := func(change func() error) func() {
		return func() {
			if err := change(); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := map[string]string{"offset.storage.partitions": "7", "offset.flush.interval.ms": "1000"}
	fileTest(t, []string{file, moved},
		resource.TestStep{
			Config: first,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(workerAddress, plancheck.ResourceActionCreate),
				knownText(workerAddress, "content", content),
				knownText(workerAddress, "content_sha256", hex.EncodeToString(digest[:])),
				plancheck.ExpectKnownValue(workerAddress, tfjsonpath.New("properties").AtMapKey("group.id"), knownvalue.StringExact(group)),
				plancheck.ExpectKnownValue(workerAddress, tfjsonpath.New("environment").AtMapKey("CONNECT_GROUP_ID"), knownvalue.StringExact(group)),
				plancheck.ExpectKnownValue(workerAddress, tfjsonpath.New("revision"), knownvalue.Int64Exact(1)),
				plancheck.ExpectSensitiveValue(workerAddress, tfjsonpath.New("content")),
				plancheck.ExpectSensitiveValue(workerAddress, tfjsonpath.New("properties")),
				plancheck.ExpectSensitiveValue(workerAddress, tfjsonpath.New("environment")),
			}},
			Check: fileHas(file, 0o600, map[string]string{"group.id": group}),
		},
		resource.TestStep{Config: first, ConfigPlanChecks: acctest.Settled},
		resource.TestStep{
			Config:           changed,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(workerAddress, plancheck.ResourceActionUpdate)}},
			Check:            fileHas(file, 0o640, want),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(workerAddress, tfjsonpath.New("revision"), knownvalue.Int64Exact(2)),
			},
		},
		resource.TestStep{PreConfig: edit(func() error { return os.Remove(file) }), Config: changed, ConfigPlanChecks: restored, Check: fileHas(file, 0o640, want)},
		resource.TestStep{
			PreConfig: edit(func() error { return os.WriteFile(file, []byte("group.id=other\n"), 0o600) }),
			Config:    changed, ConfigPlanChecks: restored, Check: fileHas(file, 0o640, want),
		},
		resource.TestStep{PreConfig: edit(func() error { return os.Chmod(file, 0o644) }), Config: changed, ConfigPlanChecks: restored, Check: fileHas(file, 0o640, want)},
		resource.TestStep{
			Config: elsewhere,
			Check: resource.ComposeTestCheckFunc(fileHas(moved, 0o640, want), func(*terraform.State) error {
				if _, err := os.Stat(file); err == nil {
					return fmt.Errorf("the former file still exists")
				}
				return nil
			}),
			ConfigStateChecks: []statecheck.StateCheck{ // the text is unchanged since the update
				statecheck.ExpectKnownValue(workerAddress, tfjsonpath.New("revision"), knownvalue.Int64Exact(2)),
			},
		},
		resource.TestStep{Config: elsewhere, ConfigPlanChecks: acctest.Settled},
	)
}

func TestWorkerConfig_fileOfEachWorker(t *testing.T) {
	t.Parallel()
	folder, group := t.TempDir(), acctest.UniqueName("workers")
	a, b := filepath.Join(folder, "a"), filepath.Join(folder, "b")
	workers := func(more string) string {
		return block(distributedKind, "test", workerLines(group), "client_rack", `"shared"`, "workers",
			fmt.Sprintf("{\n    a = { listeners = [\"http://:1\"], path = %q }\n    %s\n  }", a, more))
	}
	both := workers(fmt.Sprintf(`b = { client_rack = "own", advertised_port = 7, path = %q }`, b))
	of := func(worker, attribute string) tfjsonpath.Path {
		return tfjsonpath.New("workers").AtMapKey(worker).AtMapKey(attribute)
	}
	gone := func(*terraform.State) error {
		if _, err := os.Stat(b); err == nil {
			return fmt.Errorf("the file of a removed worker still exists")
		}
		return nil
	}
	fileTest(t, []string{a, b},
		resource.TestStep{
			Config: both,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(workerAddress, tfjsonpath.New("content"), knownvalue.Null()),
				plancheck.ExpectKnownValue(workerAddress, of("a", "properties").AtMapKey("listeners"), knownvalue.StringExact("http://:1")),
				plancheck.ExpectKnownValue(workerAddress, of("b", "environment").AtMapKey("CONNECT_CLIENT_RACK"), knownvalue.StringExact("own")),
				plancheck.ExpectKnownValue(workerAddress, of("b", "content_sha256"), knownvalue.NotNull()),
			}},
			Check: resource.ComposeTestCheckFunc(
				fileHas(a, 0o600, map[string]string{"listeners": "http://:1", "client.rack": "shared", "group.id": group}),
				fileHas(b, 0o600, map[string]string{"listeners": "", "client.rack": "own", "rest.advertised.port": "7", "group.id": group}),
			),
		},
		resource.TestStep{Config: both, ConfigPlanChecks: acctest.Settled},
		resource.TestStep{
			PreConfig: func() { _ = os.Remove(b) }, Config: both,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(workerAddress, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(workerAddress, of("b", "file_status"), knownvalue.StringExact("written")),
			}},
			Check: fileHas(b, 0o600, map[string]string{"client.rack": "own"}),
		},
		resource.TestStep{Config: workers(""), Check: gone},
		resource.TestStep{Config: workers(""), ConfigPlanChecks: acctest.Settled},
	)
}

func TestStandaloneWorkerConfig_file(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "worker.properties")
	config := func(offsets string) string {
		return block(standaloneKind, "test", standaloneLines(), "path", fmt.Sprintf("%q", file), "offset_storage_file_filename", fmt.Sprintf("%q", offsets))
	}
	fileTest(t, []string{file},
		resource.TestStep{
			Config: config("/one"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(standaloneAddress, tfjsonpath.New("properties").AtMapKey("offset.storage.file.filename"), knownvalue.StringExact("/one")),
			}},
			Check: fileHas(file, 0o600, map[string]string{"offset.storage.file.filename": "/one", "group.id": "", "offset.storage.topic": ""}),
		},
		resource.TestStep{Config: config("/one"), ConfigPlanChecks: acctest.Settled},
		resource.TestStep{Config: config("/two"), Check: fileHas(file, 0o600, map[string]string{"offset.storage.file.filename": "/two"})},
	)
}

func TestWorkerConfig_noFile(t *testing.T) {
	t.Parallel()
	group := acctest.UniqueName("none")
	config := func(more ...string) string { return block(distributedKind, "test", workerLines(group), more...) }
	fileTest(t, nil,
		resource.TestStep{
			Config: config("config", `{ "Upper.Case" = "x" }`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(workerAddress, tfjsonpath.New("file_status"), knownvalue.Null()),
				statecheck.ExpectKnownValue(workerAddress, tfjsonpath.New("environment"), knownvalue.MapPartial(map[string]knownvalue.Check{
					"CONNECT_GROUP_ID": knownvalue.StringExact(group), // the other key cannot be a variable name
				})),
				statecheck.ExpectKnownValue(workerAddress, tfjsonpath.New("properties").AtMapKey("Upper.Case"), knownvalue.StringExact("x")),
			},
		},
		resource.TestStep{
			Config: config(),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(workerAddress, tfjsonpath.New("revision"), knownvalue.Int64Exact(2)),
			},
		},
		resource.TestStep{Config: config(), ConfigPlanChecks: acctest.Settled},
	)
}

// Attributes rendered from values that are known only after apply are unknown in the plan, and known after the apply.
func TestWorkerConfig_inputsKnownOnlyAfterApply(t *testing.T) {
	t.Parallel()
	file, group := filepath.Join(t.TempDir(), "worker.properties"), acctest.UniqueName("later")
	config := func(input string) string {
		return fmt.Sprintf("resource \"terraform_data\" \"topic\" {\n  input = %q\n}\n", input) +
			block(distributedKind, "test", workerLines(group), "offset_storage_topic", "terraform_data.topic.output", "path", fmt.Sprintf("%q", file))
	}
	fileTest(t, []string{file},
		resource.TestStep{
			Config: config("first"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectUnknownValue(workerAddress, tfjsonpath.New("content")),
				plancheck.ExpectUnknownValue(workerAddress, tfjsonpath.New("content_sha256")),
			}},
			Check: fileHas(file, 0o600, map[string]string{"offset.storage.topic": "first"}),
		},
		resource.TestStep{Config: config("first"), ConfigPlanChecks: acctest.Settled},
		resource.TestStep{Config: config("second"), Check: fileHas(file, 0o600, map[string]string{"offset.storage.topic": "second"})},
	)
}

// The workers of a group can be unknown in the plan, as a whole or one of them.
func TestWorkerConfig_workersKnownOnlyAfterApply(t *testing.T) {
	t.Parallel()
	for name, workers := range map[string]string{
		"all": "{ for name in [terraform_data.worker.output.client_rack] : name => terraform_data.worker.output }",
		"one": "{ known = { client_rack = \"b\" }, a = terraform_data.worker.output }",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "worker.properties")
			config := fmt.Sprintf("resource \"terraform_data\" \"worker\" {\n  input = { client_rack = \"a\", path = %q }\n}\n", file) +
				block(distributedKind, "test", workerLines(acctest.UniqueName("later")), "workers", workers)
			planned := plancheck.ExpectUnknownValue(workerAddress, tfjsonpath.New("workers"))
			if name == "one" {
				planned = plancheck.ExpectUnknownValue(workerAddress, tfjsonpath.New("workers").AtMapKey("known").AtMapKey("content"))
			}
			fileTest(t, []string{file},
				resource.TestStep{
					Config:           config,
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{planned}},
					Check:            fileHas(file, 0o600, map[string]string{"client.rack": "a"}),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(workerAddress, tfjsonpath.New("workers").AtMapKey("a").AtMapKey("file_status"), knownvalue.StringExact("written")),
						statecheck.ExpectKnownValue(workerAddress, tfjsonpath.New("workers").AtMapKey("a").AtMapKey("properties").AtMapKey("client.rack"), knownvalue.StringExact("a")),
						statecheck.ExpectKnownValue(workerAddress, tfjsonpath.New("content"), knownvalue.Null()),
					},
				},
				resource.TestStep{Config: config, ConfigPlanChecks: acctest.Settled},
			)
		})
	}
}

func TestWorkerConfig_unableToWriteFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	other := filepath.Join(folder, "other.properties")
	if err := os.WriteFile(other, []byte("group.id=by-hand\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		filepath.Join(folder, "no", "such", "w"): `Folder ".*such" does not exist: create it first`,
		filepath.Join(other, "w"):                `(?i)not a (folder|directory)`,
		folder:                                   `(?i)is a folder: add the name of the file`,
		other:                                    `already exists with different content and was not changed`,
	} {
		c := acctest.NewCLI(t, block(distributedKind, "test", workerLines(acctest.UniqueName("no")), "path", fmt.Sprintf("%q", file)))
		out := acctest.Unwrap(c.MustFail([]string{"Unable to write file", "path ="}, "apply", "-auto-approve", "-no-color"))
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("%s: no %q in:\n%s", file, want, out)
		}
		if left := c.Must("state", "list"); strings.Contains(left, "worker_config") {
			t.Errorf("%s: the state contains: %s", file, left)
		}
	}
	if text, err := os.ReadFile(other); err != nil || string(text) != "group.id=by-hand\n" {
		t.Errorf("the existing file is %q, error %v", text, err)
	}
}

func TestWorkerConfig_destroyKeepsModifiedFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "worker.properties")
	c := acctest.NewCLI(t, block(distributedKind, "test", workerLines(acctest.UniqueName("left")), "path", fmt.Sprintf("%q", file)))
	c.Apply()
	if err := os.WriteFile(file, []byte("by=hand\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := acctest.Unwrap(c.Must("plan", "-no-color")); !strings.Contains(out, `file_status = "changed" -> "written"`) || !strings.Contains(out, "Its content was modified after Terraform wrote it") {
		t.Errorf("the plan does not show the change:\n%s", out)
	}
	if out := acctest.Unwrap(c.Must("destroy", "-auto-approve", "-no-color")); !strings.Contains(out, "was not removed") {
		t.Errorf("no warning that the file was not removed:\n%s", out)
	}
	if text, _ := os.ReadFile(file); string(text) != "by=hand\n" {
		t.Errorf("the file is %q", text)
	}
}

// With create_before_destroy, the deletion must not remove the file that the replacement has just written.
func TestWorkerConfig_createBeforeDestroy(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "worker.properties")
	config := block(distributedKind, "test", workerLines(acctest.UniqueName("cbd")), "path", fmt.Sprintf("%q", file))
	c := acctest.NewCLI(t, strings.TrimSuffix(config, "}\n")+"  lifecycle {\n    create_before_destroy = true\n  }\n}\n")
	c.Apply()
	c.Must("apply", "-auto-approve", "-no-color", "-replace="+workerAddress)
	if err := fileHas(file, 0o600, nil)(nil); err != nil {
		t.Error(err)
	}
	c.MustBeEmpty()
}

func TestWorkerConfig_conflictingGroups(t *testing.T) {
	t.Parallel()
	one, two := acctest.UniqueName("one"), acctest.UniqueName("two")
	for name, test := range map[string]struct {
		lines map[string]string
		wants []string
	}{
		"one group, two sets of topics": {
			acctest.With(workerLines(two), "group_id", fmt.Sprintf("%q", one)),
			[]string{fmt.Sprintf("workers of group %q must have the same storage topics", one), "offset: " + one + "-offset", "offset: " + two + "-offset"},
		},
		"two groups, one topic": {
			acctest.With(workerLines(two), "status_storage_topic", fmt.Sprintf("%q", one+"-status")),
			[]string{fmt.Sprintf("share topic %q", one+"-status"), "config: " + one + "-config", "config: " + two + "-config"},
		},
		"known only after apply": {
			acctest.With(workerLines(two), "status_storage_topic", "terraform_data.topic.output"),
			[]string{fmt.Sprintf("share topic %q", one+"-status")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := acctest.NewCLI(t, fmt.Sprintf("resource \"terraform_data\" \"topic\" {\n  input = %q\n}\n", one+"-status")+
				block(distributedKind, "one", workerLines(one))+block(distributedKind, "two", test.lines))
			command := []string{"plan", "-no-color"}
			if name == "known only after apply" {
				command = []string{"apply", "-auto-approve", "-no-color"}
			}
			c.MustFail(append(test.wants, "Conflicting worker groups", "group_id ="), command...)
		})
	}
	c := acctest.NewCLI(t, block(distributedKind, "one", workerLines(one))+block(distributedKind, "two", maps.Clone(workerLines(one)))+
		block(distributedKind, "three", workerLines(two)))
	c.Must("plan", "-no-color")
}
