package worker_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// passwordWO returns a value of security whose write-only password is the expression.
func passwordWO(expression string) string {
	return "{\n    protocol = \"SASL_SSL\"\n    sasl     = { mechanism = \"PLAIN\", username = \"u\", password_wo = " + expression + " }\n  }"
}

// ephemeralVariable declares an ephemeral variable with the value as its default.
func ephemeralVariable(value string) string {
	return fmt.Sprintf("variable \"password\" {\n  type      = string\n  ephemeral = true\n  default   = %q\n}\n", value)
}

// jaasOf returns the JAAS configuration of PLAIN with the password.
func jaasOf(password string) string {
	return `org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="` + password + `";`
}

// A write-only password is only in the file. A change is detected, in the configuration and in the file.
func TestWorkerConfig_writeOnlyPassword(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "worker.properties")
	lines := acctest.With(workerLines(acctest.UniqueName("wo")), "path", fmt.Sprintf("%q", file), "security", passwordWO("var.password"))
	config := func(password string) string {
		return ephemeralVariable(password) + block(distributedKind, "test", lines)
	}
	holds := func(password string) resource.TestCheckFunc {
		return fileHas(file, 0o600, map[string]string{"sasl.jaas.config": jaasOf(password), "producer.sasl.jaas.config": jaasOf(password)})
	}
	revision := func(n int64) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectKnownValue(workerAddress, tfjsonpath.New("revision"), knownvalue.Int64Exact(n))}
	}
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{
			{
				Config: config("first"),
				Check:  holds("first"),
				ConfigStateChecks: append(revision(1),
					statecheck.ExpectKnownValue(workerAddress, tfjsonpath.New("security").AtMapKey("sasl").AtMapKey("password_wo"), knownvalue.Null()),
					statecheck.ExpectKnownValue(workerAddress, tfjsonpath.New("properties").AtMapKey("sasl.mechanism"), knownvalue.StringExact("PLAIN")),
				),
			},
			{Config: config("first"), ConfigPlanChecks: acctest.Settled},
			{
				Config: config("second"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(workerAddress, plancheck.ResourceActionUpdate),
					plancheck.ExpectUnknownValue(workerAddress, tfjsonpath.New("revision")),
				}},
				Check: holds("second"), ConfigStateChecks: revision(2),
			},
			{
				PreConfig: func() { replaceInFile(t, file, "second", "else") }, Config: config("second"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(workerAddress, plancheck.ResourceActionUpdate)}},
				Check:            holds("second"), ConfigStateChecks: revision(2),
			},
		},
	})
}

func replaceInFile(t *testing.T, file, before, after string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, []byte(strings.ReplaceAll(string(text), before, after)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// If an ephemeral value differs between plan and apply, the apply must not contradict the plan.
func TestWorkerConfig_writeOnlyPasswordChangesBetweenPlanAndApply(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "worker.properties")
	config := func(more ...string) string {
		lines := acctest.With(workerLines("rotating"), append([]string{"path", fmt.Sprintf("%q", file), "security", passwordWO("var.password")}, more...)...)
		return "variable \"password\" {\n  type      = string\n  ephemeral = true\n}\n" + block(distributedKind, "test", lines)
	}
	c := acctest.NewCLI(t, config())
	c.Must("apply", "-auto-approve", "-no-color", "-var=password=first")
	c.Configure(config("file_permission", `"0640"`)) // which does not change the text
	c.Must("plan", "-no-color", "-var=password=first", "-out=saved.tfplan")
	c.Must("apply", "-no-color", "-var=password=second", "saved.tfplan")
	if err := fileHas(file, 0o640, map[string]string{"sasl.jaas.config": jaasOf("second")})(nil); err != nil {
		t.Error(err)
	}
	c.Must("plan", "-detailed-exitcode", "-no-color", "-var=password=second")
}

// A write-only password can be null, and it can be known only after apply.
func TestWorkerConfig_writeOnlyPasswordNullOrUnknown(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "worker.properties")
	config := func(password, passwordWO string) string {
		return "resource \"terraform_data\" \"password\" {\n  input = \"later\"\n}\n" +
			block(distributedKind, "test", workerLines("null"), "path", fmt.Sprintf("%q", file), "security",
				fmt.Sprintf("{\n    protocol = \"SASL_SSL\"\n    sasl     = { mechanism = \"PLAIN\", username = \"u\", password = %s, password_wo = %s }\n  }", password, passwordWO))
	}
	holds := func(password string) resource.TestCheckFunc {
		return fileHas(file, 0o600, map[string]string{"sasl.jaas.config": jaasOf(password)})
	}
	inProperties := func(check knownvalue.Check) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectKnownValue(workerAddress, tfjsonpath.New("properties"), check)}
	}
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{
			{
				Config: config(`"stored"`, "null"),
				Check:  holds("stored"),
				ConfigStateChecks: inProperties(knownvalue.MapPartial(map[string]knownvalue.Check{
					"sasl.jaas.config": knownvalue.StringExact(jaasOf("stored")),
				})),
			},
			{
				Config: config("null", "terraform_data.password.output"),
				Check:  holds("later"),
				ConfigStateChecks: append(inProperties(knownvalue.MapPartial(map[string]knownvalue.Check{
					"sasl.mechanism": knownvalue.StringExact("PLAIN"),
				})), statecheck.ExpectKnownValue(workerAddress, tfjsonpath.New("revision"), knownvalue.Int64Exact(2))),
			},
			{Config: config("null", "terraform_data.password.output"), ConfigPlanChecks: acctest.Settled},
		},
	})
}

// Secrets of every kind that must not be stored appear in no output, log, plan or state.
func TestWorkerConfig_secretsDoNotLeak(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	secret, former, byHand := "s3cr3t-"+rand.Text(), "s3cr3t-"+rand.Text(), "s3cr3t-"+rand.Text()
	file, ephemeralFile, placeholder := filepath.Join(folder, "wo"), filepath.Join(folder, "ephemeral"), filepath.Join(folder, "placeholder")
	literal := func(password string) string {
		return strings.Replace(passwordWO(password), "password_wo", "password", 1)
	}
	source := filepath.Join(folder, "source") // not a variable, whose default Terraform shows
	from := fmt.Sprintf("file(%q)", source)
	set := func(password string) {
		if err := os.WriteFile(source, []byte(password), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config := func(more ...string) string {
		return block(distributedKind, "test", workerLines("secrets"), append([]string{"path", fmt.Sprintf("%q", file), "security", passwordWO(from)}, more...)...) +
			block(distributedKind, "placeholder", workerLines("placeholders"), "path", fmt.Sprintf("%q", placeholder),
				"security", literal(`"$${file:/run/secrets:password}"`)) +
			block(`ephemeral "kafkaconnect_worker_config"`, "test", workerLines("ephemeral"), "security", literal(from)) +
			fmt.Sprintf(`resource "terraform_data" "file" {
  provisioner "local-exec" {
    command     = "printf %%s \"$CONTENT\" >%s"
    environment = { CONTENT = ephemeral.kafkaconnect_worker_config.test.content }
  }
}
`, ephemeralFile)
	}
	set(former)
	c := acctest.NewCLI(t, config())
	log := filepath.Join(t.TempDir(), "trace.log")
	c.Env = append(c.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+log)
	var seen strings.Builder
	see := func(out string, _ bool) { seen.WriteString(out) }
	keep := func(names ...string) {
		for _, name := range names {
			text, err := os.ReadFile(filepath.Join(c.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			seen.Write(text)
		}
	}
	see(c.Must("validate", "-json"), true)
	see(c.Must("plan", "-no-color", "-out=saved.tfplan"), true)
	see(c.Must("show", "-json", "saved.tfplan"), true)
	keep("saved.tfplan")
	see(c.Must("apply", "-no-color", "-auto-approve"), true)
	keep("terraform.tfstate")
	for _, file := range []string{file, ephemeralFile} {
		if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), former) {
			t.Fatalf("the secret is not in %s (error %v), so the test proves nothing", filepath.Base(file), err)
		}
	}
	if got, err := readProperties(placeholder); err != nil || got["config.providers"] != "file" || !strings.Contains(got["sasl.jaas.config"], "${file:/run/secrets:password}") {
		t.Errorf("the placeholder is not in the file (error %v)", err)
	}
	replaceInFile(t, file, former, byHand)
	set(secret)
	see(c.Must("plan", "-no-color"), true)
	see(c.Must("apply", "-no-color", "-auto-approve"), true)
	see(c.Run("show", "-json"))
	keep("terraform.tfstate", "terraform.tfstate.backup")
	for _, wrong := range [][]string{{"path", `"/no/such/folder/w"`}, {"offset_storage_partitions", "0"}, {"path", ""}, {"client_prefixes", "[]"}} {
		c.Configure(config(wrong...))
		see(c.Run("apply", "-no-color", "-auto-approve"))
	}
	replaceInFile(t, file, secret, byHand)
	see(c.Must("destroy", "-no-color", "-auto-approve"), true)
	trace, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	seen.Write(trace)
	all := seen.String()
	for _, want := range []string{"saved.tfplan", "terraform-provider-kafkaconnect", "was not removed", "Unable to write file"} {
		if !strings.Contains(acctest.Unwrap(all), want) {
			t.Errorf("no %q, so the test proves nothing", want)
		}
	}
	for name, value := range map[string]string{"the secret": secret, "the former secret": former, "the secret in the changed file": byHand} {
		if strings.Contains(all, value) {
			t.Errorf("%s leaked:\n%s", name, acctest.Surroundings(all, value))
		}
	}
}

// A literal password is stored in the state, and hidden in all output.
func TestWorkerConfig_literalPasswordIsSensitive(t *testing.T) {
	t.Parallel()
	secret := "s3cr3t-" + rand.Text()
	c := acctest.NewCLI(t, block(distributedKind, "test", workerLines("literal"),
		"security", strings.Replace(passwordWO(fmt.Sprintf("%q", secret)), "password_wo", "password", 1),
		"config_sensitive", fmt.Sprintf(`{ "listeners.https.ssl.key.password" = "%s" }`, secret))+
		"output \"digest\" {\n  value = kafkaconnect_worker_config.test.content_sha256\n}\n")
	out := c.Must("plan", "-no-color") + c.Apply() + c.Must("show", "-no-color")
	if strings.Contains(out, secret) {
		t.Errorf("the secret was printed:\n%s", acctest.Surroundings(out, secret))
	}
	state, err := os.ReadFile(filepath.Join(c.Dir, "terraform.tfstate"))
	if err != nil || !strings.Contains(string(state), secret) {
		t.Errorf("the secret is not in the state, so the test proves nothing (error %v)", err)
	}
}
