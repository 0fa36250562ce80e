package topic_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// secured is the provider block for a listener, and a topic.
func secured(bootstrap, name string, lines ...string) string {
	return fmt.Sprintf("provider \"kafkaconnect\" {\n  kafka = {\n    bootstrap_servers = [%q]\n    %s\n  }\n}\n", bootstrap, strings.Join(lines, "\n    ")) +
		fmt.Sprintf("resource \"kafkaconnect_internal_topic\" \"test\" {\n  role = \"offset\"\n  name = %q\n  group_id = %q\n  %s\n}\n", name, "group-of-"+name, acctest.Unprotected)
}

func saslLine(mechanism string, u stack.User) string {
	return fmt.Sprintf("sasl = { mechanism = %q, username = %q, password = %q }", mechanism, u.Name, u.Password)
}

func TestAccInternalTopic_everyAuthentication(t *testing.T) {
	t.Parallel()
	c := sharedCluster(t)
	s := stack.Shared(t)
	user, certificates := s.Options.Users[0], s.Certificates
	ca, err := os.ReadFile(certificates.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	trust := fmt.Sprintf("tls = { ca_file = %q }", certificates.CAFile)
	properties := fmt.Sprintf("security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n"+
		"sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";\n"+
		"ssl.truststore.type=PEM\nssl.truststore.location=%s\nssl.protocol=TLSv1.2\nacks=all\n", user.Name, user.Password, certificates.CAFile)
	for _, way := range []struct {
		name, bootstrap string
		lines           []string
	}{
		{"PLAIN", s.BootstrapSASL(), []string{`security_protocol = "SASL_SSL"`, saslLine("PLAIN", user), trust}},
		{"SCRAM-SHA-256", s.BootstrapSASL(), []string{saslLine("SCRAM-SHA-256", user), trust}},
		{"SCRAM-SHA-512", s.BootstrapSASL(), []string{saslLine("SCRAM-SHA-512", user), fmt.Sprintf("tls = { min_version = \"TLSv1.3\", ca_pem = %q }", ca)}},
		{"mutual TLS", s.BootstrapMTLS(), []string{fmt.Sprintf("tls = { ca_file = %q, certificate_file = %q, private_key_file = %q }",
			certificates.CAFile, certificates.ClientCertFile, certificates.ClientKeyFile)}},
		{"properties", s.BootstrapSASL(), []string{fmt.Sprintf("properties = %q", properties)}},
		{"properties with blanks", s.BootstrapSASL(), []string{fmt.Sprintf("properties = %q", strings.ReplaceAll(properties, "\n", " \t\r\n"))}},
		{"properties without protocol", s.BootstrapSASL(), []string{saslLine("PLAIN", user),
			fmt.Sprintf("properties = %q", "ssl.truststore.type=PEM\nssl.truststore.location="+certificates.CAFile+"\n")}},
	} {
		t.Run(way.name, func(t *testing.T) {
			name := acctest.UniqueName("authentication")
			t.Cleanup(func() { c.Delete(name) })
			cli := acctest.NewCLI(t, secured(way.bootstrap, name, way.lines...))
			cli.Apply()
			c.Must(c.Has(name, 25, 1, nil))
			cli.MustBeEmpty()
		})
	}
}

// A failure to connect is a warning in the plan, because the apply may start the cluster, and an error in the apply.
func TestAccInternalTopic_connectionErrors(t *testing.T) {
	t.Parallel()
	c := sharedCluster(t)
	s := stack.Shared(t)
	user := s.Options.Users[0]
	wrong := stack.User{Name: user.Name, Password: "s3cr3t-" + rand.Text()}
	trust := fmt.Sprintf("tls = { ca_file = %q }", s.Certificates.CAFile)
	port, err := s.FreePort() // no process listens on it
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range []struct {
		name, bootstrap, want string
		lines                 []string
	}{
		{"wrong password, PLAIN", s.BootstrapSASL(), "Check sasl in the provider's kafka attribute", []string{saslLine("PLAIN", wrong), trust}},
		{"wrong password, SCRAM", s.BootstrapSASL(), "Check sasl in the provider's kafka attribute", []string{saslLine("SCRAM-SHA-512", wrong), trust}},
		{"wrong CA", s.BootstrapSASL(), "not signed by a trusted authority", []string{saslLine("PLAIN", user)}},
		{"no certificate", s.BootstrapMTLS(), "Check bootstrap_servers, security_protocol and tls", []string{trust}},
		{"unreachable", fmt.Sprintf("127.0.0.1:%d", port), "connection refused", nil},
		{"wrong protocol", s.BootstrapSASL(), "Check bootstrap_servers, security_protocol and tls", nil},
	} {
		t.Run(way.name, func(t *testing.T) {
			name := acctest.UniqueName("connection-error")
			t.Cleanup(func() { c.Delete(name) })
			cli := acctest.NewCLI(t, secured(way.bootstrap, name, way.lines...))
			start := time.Now()
			acctest.SaidBy(t, cli.Must("plan", "-no-color"), "Unable to read internal topic", way.want)
			out := cli.MustFail([]string{"Unable to create internal topic", way.want}, "apply", "-auto-approve", "-no-color")
			t.Logf("plan and apply took %.1f s", time.Since(start).Seconds())
			if strings.Contains(out, wrong.Password) {
				t.Error("the password was printed")
			}
		})
	}
}

func TestAccInternalTopic_permissions(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	alice, bob := stack.User{Name: "alice", Password: "s3cr3t-" + rand.Text()}, stack.User{Name: "bob", Password: "bob-secret"}
	s := stack.Start(t, stack.Options{
		Workers: stack.NoWorkers, SASLSSL: true, Authorizer: true, Users: []stack.User{{Name: "admin", Password: "admin-secret"}, alice, bob},
	})
	t.Run("denied", func(t *testing.T) { deniedOneByOne(t, s, alice) })
	t.Run("denied while seeding", func(t *testing.T) { deniedWhileSeeding(t, s, bob) })
}

// The error of a missing permission names the principal, the operation and the object.
func deniedOneByOne(t *testing.T, s *stack.Stack, alice stack.User) {
	c, name := newCluster(t, s), "offsets"
	declared := func(partitions int) string {
		return strings.Replace(secured(s.BootstrapSASL(), name, saslLine("PLAIN", alice), fmt.Sprintf("tls = { ca_file = %q }", s.Certificates.CAFile)),
			acctest.Unprotected, fmt.Sprintf("%s\n  partitions = %d", acctest.Unprotected, partitions), 1)
	}
	cli := acctest.NewCLI(t, declared(1))
	denied := func(operation string, args ...string) {
		t.Helper()
		out := cli.MustFail([]string{operation, "User:alice", "not authorized", "Grant the principal the missing permission"}, append(args, "-no-color")...)
		if strings.Contains(out, alice.Password) {
			t.Error("the password was printed")
		}
	}
	apply := []string{"apply", "-auto-approve"}

	denied(`topic "offsets"`, apply...)
	c.allow(alice, kadm.OpDescribe, kadm.OpDescribeConfigs)
	denied(`Create topic "offsets"`, apply...)
	c.allow(alice, kadm.OpCreate)
	cli.Apply()
	cli.MustBeEmpty()
	content := c.Fill(name, 20, 10)

	cli.Configure(declared(3))
	denied(`topic "offsets"`, apply...)
	c.Must(c.keeps(name, 1, content))
	c.allow(alice, kadm.OpAlter, kadm.OpAlterConfigs, kadm.OpRead, kadm.OpWrite)
	denied(`topic "offsets"`, apply...) // DeleteRecords takes Delete
	c.Must(c.keeps(name, 1, content))
	denied(`Delete topic "offsets"`, "destroy", "-auto-approve")
	c.allow(alice, kadm.OpDelete)
	cli.Apply()
	c.Must(c.keeps(name, 3, content))
	cli.MustBeEmpty()
}

// A creation with seed_from that failed after some records taints the topic. The next apply copies the remaining records,
// and does not treat the copied ones as the content of an unfinished rebuild.
func deniedWhileSeeding(t *testing.T, s *stack.Stack, bob stack.User) {
	c := newCluster(t, s)
	c.allow(bob, kadm.OpDescribe, kadm.OpDescribeConfigs, kadm.OpCreate, kadm.OpAlter, kadm.OpAlterConfigs, kadm.OpRead, kadm.OpDelete)
	c.Create("former", 2, nil)
	content := c.Fill("former", 40, 10)
	for _, heal := range []string{"apply", "untaint"} {
		name := "seeded-by-" + heal
		config := secured(s.BootstrapSASL(), name, saslLine("PLAIN", bob), fmt.Sprintf("tls = { ca_file = %q }", s.Certificates.CAFile))
		cli := acctest.NewCLI(t, strings.Replace(config, acctest.Unprotected, `seed_from = "former"`, 1))
		cli.MustFail([]string{"Unable to create internal topic", "User:bob", "not authorized"}, "apply", "-auto-approve", "-no-color")
		c.Fill(name, 10, 10) // the first records of a copy
		if heal == "untaint" {
			cli.Must("untaint", "-no-color", acctest.TopicAddress)
		}
		c.allow(bob, kadm.OpWrite)
		cli.Apply()
		c.Must(c.keeps(name, 25, content))
		cli.MustBeEmpty()
		c.disallow(bob, kadm.OpWrite)
	}
}

// No password or key is in the output, the log or the state, wherever it is configured.
func TestAccInternalTopic_secretsAreHidden(t *testing.T) {
	t.Parallel()
	c := sharedCluster(t)
	s := stack.Shared(t)
	user, name := s.Options.Users[0], acctest.UniqueName("secret")
	t.Cleanup(func() { c.Delete(name) })
	wrong := stack.User{Name: user.Name, Password: "s3cr3t-" + rand.Text()}
	key, err := os.ReadFile(s.Certificates.ClientKeyFile)
	if err != nil {
		t.Fatal(err)
	}
	keyLine := strings.Split(string(key), "\n")[1]
	properties := func(password, more string) string {
		return "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required " +
			"username=\"" + user.Name + "\" password=\"" + password + "\";\nssl.truststore.type=PEM\nssl.truststore.location=" + s.Certificates.CAFile + "\n" + more
	}
	bySASL := []string{
		fmt.Sprintf("sasl = { mechanism = \"SCRAM-SHA-512\", username = %q, password = var.secret }", user.Name),
		fmt.Sprintf("tls = { ca_file = %q, certificate_file = %q, private_key_pem = var.key }", s.Certificates.CAFile, s.Certificates.ClientCertFile),
	}
	byProperties := []string{"properties = var.secret"}
	cli := acctest.NewCLI(t, "")
	log := filepath.Join(t.TempDir(), "trace.log")
	cli.Env = append(cli.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+log, "TF_VAR_key="+string(key))
	var printed strings.Builder
	say := func(out string, _ bool) { printed.WriteString(out) }
	for _, try := range []struct {
		lines  []string
		secret string
	}{
		{bySASL, wrong.Password},
		{byProperties, properties(wrong.Password, "")},
		{byProperties, properties(wrong.Password, "ssl.keystore.password="+wrong.Password+"\nssl.keystore.location=/x.jks\n")},
		{bySASL, user.Password},
		{byProperties, properties(user.Password, "")},
	} {
		// The secrets are variables, because Terraform prints the lines of the configuration that an error refers to.
		cli.Configure("variable \"secret\" { sensitive = true }\nvariable \"key\" { sensitive = true }\n" + secured(s.BootstrapSASL(), name, try.lines...))
		cli.Env = append(cli.Env, "TF_VAR_secret="+try.secret)
		say(cli.Run("apply", "-auto-approve", "-no-color"))
	}
	c.Must(c.Has(name, 25, 1, nil))
	say(cli.Run("show", "-no-color"))
	state, err := os.ReadFile(filepath.Join(cli.Dir, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	say(cli.Must("destroy", "-auto-approve", "-no-color"), true)
	trace, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(trace), "Internal topic: ") || !strings.Contains(printed.String(), "Check sasl") {
		t.Error("the log or the output is missing, so that this test proves nothing")
	}
	for what, text := range map[string]string{"printed": printed.String(), "logged": string(trace), "stored": string(state)} {
		for i, secret := range []string{wrong.Password, user.Password, keyLine} {
			if strings.Contains(text, secret) {
				t.Errorf("secret %d was %s:\n%s", i, what, acctest.Surroundings(text, secret))
			}
		}
	}
}

// allow allows the user the operations on every topic and group.
func (c *cluster) allow(u stack.User, operations ...kadm.ACLOperation) {
	c.T.Helper()
	answers, err := c.Admin.CreateACLs(c.Ctx(), acls(u, operations))
	if err != nil {
		c.T.Fatal(err)
	}
	for _, answer := range answers {
		if answer.Err != nil {
			c.T.Fatal(answer.Err)
		}
	}
}

// disallow removes what allow added.
func (c *cluster) disallow(u stack.User, operations ...kadm.ACLOperation) {
	c.T.Helper()
	if _, err := c.Admin.DeleteACLs(c.Ctx(), acls(u, operations)); err != nil {
		c.T.Fatal(err)
	}
}

func acls(u stack.User, operations []kadm.ACLOperation) *kadm.ACLBuilder {
	return kadm.NewACLs().Allow("User:" + u.Name).AllowHosts("*").Topics("*").Groups("*").
		ResourcePatternType(kadm.ACLPatternLiteral).Operations(operations...)
}
