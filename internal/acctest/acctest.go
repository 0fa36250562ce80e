// Package acctest is the harness for acceptance tests. [CLI] runs Terraform or OpenTofu with this provider. [Worker] and
// [Kafka] query a worker and the brokers directly, to check what the provider has done.
package acctest

import (
	"crypto/rand"
	"fmt"
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	kafkaconnect "github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// Environment variables that make the test binary serve the provider, for tests that run the provider as a process.
const (
	serveEnv = "KAFKACONNECT_TEST_SERVE"

	// CrashEnv names the place where the provider panics; see [MainWith].
	CrashEnv = "KAFKACONNECT_TEST_CRASH"
)

// ProviderFactories serve the provider inside the test process.
var ProviderFactories = map[string]func() (tfprotov6.ProviderServer, error){
	"kafkaconnect": func() (tfprotov6.ProviderServer, error) { return kafkaconnect.NewServer("test")(), nil },
}

// stableForEnv replaces connect.stable_for. The tests set it to the least value, because most of them wait for one connector.
const stableForEnv = "KAFKA_CONNECT_STABLE_FOR"

// Main runs the tests of a package, or serves the provider if a [CLI] has started the test binary as the provider. Every
// package that uses [NewCLI] needs it:
//
//	func TestMain(m *testing.M) { os.Exit(acctest.Main(m)) }
func Main(m *testing.M) int { return MainWith(m, nil) }

// MainWith is [Main] with another provider if [CrashEnv] is set: one that panics in the place that the variable names.
func MainWith(m *testing.M, crashing func(place string) provider.Provider) int {
	if os.Getenv(serveEnv) == "" {
		if os.Getenv(stableForEnv) == "" {
			os.Setenv(stableForEnv, "2s")
		}
		return stack.Main(m)
	}
	serve := kafkaconnect.NewServer("test")
	if place := os.Getenv(CrashEnv); place != "" {
		serve = providerserver.NewProtocol6(crashing(place))
	}
	if err := tf6server.Serve("registry.terraform.io/kafkaconnect/kafkaconnect", serve); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// RequireAcceptance skips a test that needs real workers, unless TF_ACC is set.
func RequireAcceptance(t *testing.T) {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run with TF_ACC=1, as `make test` does")
	}
}

// UniqueName returns the prefix with a random suffix.
func UniqueName(prefix string) string { return prefix + "-" + strings.ToLower(rand.Text()[:10]) }

// Eventually polls until the condition is true. It fails the test after two minutes.
func Eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("timed out after two minutes: %s", what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// Flat returns a pattern that matches the text in the output of Terraform, regardless of line breaks.
func Flat(text string) *regexp.Regexp {
	words := strings.Fields(text)
	for i, word := range words {
		words[i] = regexp.QuoteMeta(word)
	}
	return regexp.MustCompile(strings.Join(words, `[\s│]+`))
}

// Unwrap removes the frame and the line breaks from diagnostics that Terraform printed.
func Unwrap(out string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(out, "│", " ")), " ")
}

// SaidBy checks that the output of Terraform contains each of the texts, regardless of line breaks.
func SaidBy(t *testing.T, out string, wants ...string) {
	t.Helper()
	flat := Unwrap(out)
	for _, want := range wants {
		if !strings.Contains(flat, want) {
			t.Errorf("Terraform did not print %q:\n%s", want, out)
		}
	}
}

// With returns a copy of the configuration with more keys. The pairs are alternating keys and values.
func With(config map[string]string, pairs ...string) map[string]string {
	config = maps.Clone(config)
	for i := 0; i < len(pairs); i += 2 {
		config[pairs[i]] = pairs[i+1]
	}
	return config
}

// Settled checks that the plan of a test step is empty.
var Settled = resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}

// Surroundings returns the text around a secret, without the secret, for the message of a failed test.
func Surroundings(text, secret string) string {
	at := strings.Index(text, secret)
	return text[max(0, at-300):at] + "<HERE>" + text[at+len(secret):min(len(text), at+len(secret)+100)]
}
