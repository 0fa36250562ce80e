// Package acctest runs Terraform, or OpenTofu, with this provider for tests, and asks workers and brokers directly what
// the provider has done to them.
package acctest

import (
	"context"
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

	kafkaconnect "github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// Environment variables that turn the test binary into the provider, for tests that need it as a process of its own.
const (
	serveEnv = "KAFKACONNECT_TEST_SERVE"

	// CrashEnv names the place in which the provider panics; see [MainWith].
	CrashEnv = "KAFKACONNECT_TEST_CRASH"
)

// ProviderFactories serve the provider from within the test process.
var ProviderFactories = map[string]func() (tfprotov6.ProviderServer, error){
	"kafkaconnect": providerserver.NewProtocol6WithError(kafkaconnect.New("test")()),
}

// Main runs the tests of a package, or serves the provider when a [CLI] has started the test binary for that. Every
// package with a [CLI] needs it:
//
//	func TestMain(m *testing.M) { os.Exit(acctest.Main(m)) }
func Main(m *testing.M) int { return MainWith(m, nil) }

// MainWith is Main with a provider that panics in the place that [CrashEnv] names.
func MainWith(m *testing.M, crashing func(place string) provider.Provider) int {
	if os.Getenv(serveEnv) == "" {
		return stack.Main(m)
	}
	serve := kafkaconnect.New("test")
	if place := os.Getenv(CrashEnv); place != "" {
		serve = func() provider.Provider { return crashing(place) }
	}
	opts := providerserver.ServeOpts{Address: "registry.terraform.io/kafkaconnect/kafkaconnect"}
	if err := providerserver.Serve(context.Background(), serve, opts); err != nil {
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

// UniqueName returns a name that no other test uses.
func UniqueName(prefix string) string { return prefix + "-" + strings.ToLower(rand.Text()[:10]) }

// Eventually polls until the condition holds. It fails the test after a minute.
func Eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("not so after a minute: %s", what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// Flat returns a pattern that finds the text in Terraform's output, wherever Terraform breaks the lines.
func Flat(text string) *regexp.Regexp {
	words := strings.Fields(text)
	for i, word := range words {
		words[i] = regexp.QuoteMeta(word)
	}
	return regexp.MustCompile(strings.Join(words, `[\s│]+`))
}

// Unwrap removes the frame and the line breaks of Terraform's diagnostics.
func Unwrap(out string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(out, "│", " ")), " ")
}

// SaidBy checks that Terraform printed each of the texts.
func SaidBy(t *testing.T, out string, wants ...string) {
	t.Helper()
	flat := Unwrap(out)
	for _, want := range wants {
		if !strings.Contains(flat, want) {
			t.Errorf("Terraform did not print %q:\n%s", want, out)
		}
	}
}

// With returns the configuration with more keys, given as key, value, key, value …
func With(config map[string]string, pairs ...string) map[string]string {
	config = maps.Clone(config)
	for i := 0; i < len(pairs); i += 2 {
		config[pairs[i]] = pairs[i+1]
	}
	return config
}

// Settled checks that a second plan is empty.
var Settled = resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}

// Surroundings returns the text around a secret, without the secret.
func Surroundings(text, secret string) string {
	at := strings.Index(text, secret)
	return text[max(0, at-300):at] + "<HERE>" + text[at+len(secret):min(len(text), at+len(secret)+100)]
}
