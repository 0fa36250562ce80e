package worker_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// The example of the module connect-group creates the topics and the file of a worker. Its checks warn of a worker that does not
// run, of one that runs a previous file and of a connector that failed. The password is in the file only.
func TestAccModule_connectGroup(t *testing.T) {
	const password = "only-in-the-file"
	t.Parallel()
	acctest.RequireAcceptance(t)
	s := stack.Start(t, stack.Options{Workers: stack.NoWorkers, SASLSSL: true, Users: []stack.User{{Name: "connect", Password: password}}})
	port, err := s.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	c, url, group := acctest.NewCLI(t, ""), fmt.Sprintf("http://127.0.0.1:%d", port), acctest.UniqueName("group")
	root := c.Dir
	c.Dir = filepath.Join(root, "examples", "modules", "connect-group")
	for _, folder := range []string{"modules/connect-group", "examples/modules/connect-group"} {
		if err := os.CopyFS(filepath.Join(root, folder), os.DirFS(filepath.Join("..", "..", "..", folder))); err != nil {
			t.Fatal(err)
		}
	}
	c.SetVariables(map[string]any{
		"bootstrap_servers": strings.Split(s.BootstrapSASL(), ","), "username": "connect", "password": password,
		"ca_file": s.Certificates.CAFile, "urls": []string{url}, "group_id": group,
	})
	c.Must("get")

	acctest.SaidBy(t, c.Apply(), url+"/: no connection") // the check of the workers
	kafka := acctest.NewKafka(t, s)
	for role, partitions := range map[string]int{"offset": 25, "config": 1, "status": 5} {
		if topic, ok := kafka.Topic(group + "-" + role); !ok || topic.Partitions != partitions {
			t.Errorf("topic of role %s: %v, %d partitions", role, ok, topic.Partitions)
		}
	}
	w, process := securedBrokers{t, s}.start(stack.WorkerOptions{PropertiesFile: filepath.Join(c.Dir, "worker-0.properties")})
	moveLines(w, acctest.UniqueName("lines"))
	if out := c.Must("plan", "-no-color"); strings.Contains(out, "Check block") || !strings.Contains(out, "Plan: 0 to add, 0 to change, 0 to destroy.") {
		t.Errorf("a check fails for a healthy group, or the plan has changes:\n%s", out)
	}
	put(w, "broken", fileConnector(acctest.SinkClass, acctest.UniqueName("none"), filepath.Join(c.Dir, "no", "such", "folder")))
	acctest.Eventually(t, "the task fails", func() bool { _, tasks := w.Status("broken"); return len(tasks) == 1 && tasks[0] == "FAILED" })
	replaceInFile(t, filepath.Join(c.Dir, "main.tf"), "  group_id = var.group_id\n", "  group_id = var.group_id\n  config = { \"offset.flush.interval.ms\" = \"1234\" }\n")
	acctest.SaidBy(t, c.Apply(), "These workers do not run their file. Restart them: "+url, "These connectors are not healthy: broken (RUNNING): task 0")

	state, err := os.ReadFile(filepath.Join(c.Dir, "terraform.tfstate"))
	if strings.Contains(string(state), password) || err != nil {
		t.Errorf("the password is in the state, or the state cannot be read: %v", err)
	}
	replaceInFile(t, filepath.Join(c.Dir, "main.tf"), "  group_id = var.group_id\n", "  group_id = var.group_id\n  health_checks = false\n")
	c.Must("get")
	c.MustBeEmpty()
	if err := process.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Must("destroy", "-auto-approve", "-no-color")
	if _, ok := kafka.Topic(group + "-offset"); ok {
		t.Error("the destroy left the offset topic")
	}
	if _, err := os.Stat(filepath.Join(c.Dir, "worker-0.properties")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the destroy left the file of the worker: %v", err)
	}
}

// The README of the module names each variable and each output.
func TestModule_readmeIsComplete(t *testing.T) {
	t.Parallel()
	module := filepath.Join("..", "..", "..", "modules", "connect-group")
	text := map[string]string{}
	for _, name := range []string{"README.md", "variables.tf", "outputs.tf"} {
		content, err := os.ReadFile(filepath.Join(module, name))
		if err != nil {
			t.Fatal(err)
		}
		text[name] = string(content)
	}
	for _, found := range regexp.MustCompile(`(?m)^(?:variable|output) "(\w+)"`).FindAllStringSubmatch(text["variables.tf"]+text["outputs.tf"], -1) {
		if !strings.Contains(text["README.md"], "| `"+found[1]+"` |") {
			t.Errorf("the README does not describe %s", found[1])
		}
	}
}
