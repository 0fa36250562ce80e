package kafkaclient

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat/jvmtest"
)

// A properties file means here what it means for Java's admin client, or it is an error.
func TestPropertiesAreReadAsByJava(t *testing.T) {
	t.Parallel()
	const servers = "bootstrap.servers=b:9092\n"
	jaas := "sasl.mechanism=PLAIN\nsasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=u password=p;\n"
	texts := []string{
		servers, servers + "security.protocol=SSL", servers + "security.protocol = ssl \t ", servers + "security.protocol:SASL_SSL\n" + jaas,
		servers + "security.protocol SASL_SSL\r\n" + strings.ReplaceAll(jaas, "\n", "\r\n"), servers + "security.protocol=\\\r\n  SASL_\\\n  SSL\n" + jaas,
		servers + "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN \nsasl.jaas.config=\\u0020 org.apache.kafka.common.security.plain.PlainLoginModule required username=u password=p; \\u0009",
		servers + "security.protocol=SSL\nsecurity.protocol=PLAINTEXT", servers + "security\\u002eprotocol=\\u0053SL",
		servers + "security.protocol=SSL\nssl.endpoint.identification.algorithm= ", servers + "security.protocol=SSL\nssl.endpoint.identification.algorithm=\\u000aHTTPS",
		servers + "client.id=\\ me \nrequest.timeout.ms= 7000 ", servers + "client.id=a\u00a0", "bootstrap.servers= b:9092 ,\tc:9093 \n", "bootstrap.servers=b:9092\\u0020\n",
		servers + "security.protocol=TLS", servers + "request.timeout.ms=7s", servers + "# security.protocol=SSL", servers + "!security.protocol=SSL", servers + " \tsecurity.protocol=SSL",
		servers + "request.timeout.ms=1_000", servers + "security.protocol=\u00a0SSL", servers + "security.protocol=",
	}
	for _, lost := range []string{
		byteOrderMarkUTF8 + "security.protocol=SSL\n" + servers, servers + "Security.Protocol=SSL", servers + "security_protocol=SSL", servers + "security.protocol\\ =SSL",
		servers + "\\u0073ecurity.protocol\\:=SSL", servers + "secutiry.protocol=SSL", servers + "\u00a0security.protocol=SSL", servers + "securityprotocol=SSL", servers + "sasl_mechanism=PLAIN", servers + "SASL.JAAS.CONFIG=x",
	} {
		if _, _, err := ParseProperties(lost); err == nil {
			t.Errorf("%q: no error, although Java does not see the key", lost)
		}
	}
	// Of these, Java loses no key.
	texts = append(texts, byteOrderMarkUTF8+"# a comment\n"+servers+"security.protocol=SSL", byteOrderMarkUTF8+"\n"+servers+"security.protocol=SSL")
	questions := make([]string, len(texts))
	for i, text := range texts {
		questions[i] = jvmtest.Question("read", text)
	}
	for i, line := range jvmtest.Ask(t, "PropertiesOracle.java", jvmtest.KafkaClassPath(t), questions) {
		java, ok := jvmtest.Answer(t, line)
		config, _, err := ParseProperties(texts[i])
		if !ok || err != nil {
			if ok != (err == nil) {
				t.Errorf("%q: Java reads %q, error here: %v", texts[i], java, err)
			}
			continue
		}
		timeout := "30000" // Java's default
		if config.RequestTimeout != 0 {
			timeout = fmt.Sprint(config.RequestTimeout.Milliseconds())
		}
		algorithm := strings.ToLower(java[4])
		got := []string{config.SecurityProtocol, config.SASL.Mechanism, config.ClientID, timeout, map[bool]string{false: "https", true: ""}[config.TLS.SkipHostnameVerify], strings.Join(config.BootstrapServers, ",")}
		if java[4] = algorithm; !slices.Equal(got, java) {
			t.Errorf("%q: got %q, Java reads %q", texts[i], got, java)
		}
	}
}

const byteOrderMarkUTF8 = "\ufeff"
