import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthInput;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthOutput;
import com.hivemq.extension.sdk.api.packets.connect.ConnackReasonCode;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Runs a HiveMQ Community Edition until its standard input ends. What it knows stays in its directory for the next start.
 * Run as a source file; arguments: port, directory, and perhaps the only user and the password of that.
 */
final class HiveMqPeerMain {

    private static final String CONFIGURATION =
            """
            <hivemq>
              <listeners><tcp-listener><port>%s</port><bind-address>127.0.0.1</bind-address></tcp-listener></listeners>
              <persistence><mode>file</mode></persistence>
              <mqtt><queued-messages><max-queue-size>1000000</max-queue-size></queued-messages></mqtt>
              <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
            </hivemq>
            """;

    private HiveMqPeerMain() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[1]);
        Path configuration = Files.createDirectories(directory.resolve("conf"));
        Files.writeString(configuration.resolve("config.xml"), CONFIGURATION.formatted(arguments[0]));
        EmbeddedHiveMQ broker = EmbeddedHiveMQ.builder()
                .withConfigurationFolder(configuration)
                .withDataFolder(Files.createDirectories(directory.resolve("data")))
                .withExtensionsFolder(Files.createDirectories(directory.resolve("extensions")))
                .withEmbeddedExtension(EmbeddedExtension.builder()
                        .withId("users")
                        .withName("users")
                        .withVersion("1")
                        .withPriority(0)
                        .withStartPriority(1000)
                        .withAuthor("weir")
                        .withExtensionMain(
                                arguments.length > 2 ? new Users(arguments[2], arguments[3]) : new Users(null, null))
                        .build())
                .build();
        broker.start().join();
        while (System.in.read() >= 0) {
            // Nothing is said to it.
        }
        broker.stop().join();
        System.exit(0);
    }

    /** Lets in the one user, or everybody when there is none. */
    private record Users(String user, String password) implements ExtensionMain, SimpleAuthenticator {

        @Override
        public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
            Services.securityRegistry().setAuthenticatorProvider(provider -> this);
        }

        @Override
        public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {}

        @Override
        public void onConnect(SimpleAuthInput input, SimpleAuthOutput output) {
            boolean known = user == null
                    || (input.getConnectPacket().getUserName().filter(user::equals).isPresent()
                            && input.getConnectPacket()
                                    .getPassword()
                                    .map(bytes -> StandardCharsets.UTF_8.decode(bytes).toString())
                                    .filter(password::equals)
                                    .isPresent());
            if (known) {
                output.authenticateSuccessfully();
            } else {
                output.failAuthentication(ConnackReasonCode.NOT_AUTHORIZED);
            }
        }
    }
}
