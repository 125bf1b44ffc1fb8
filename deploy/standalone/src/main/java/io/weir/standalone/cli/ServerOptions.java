package io.weir.standalone.cli;

import io.weir.standalone.cli.client.ServerAddress;
import io.weir.standalone.cli.client.WeirHttp;
import picocli.CommandLine.Option;

/** Options that say which server a command talks to, and who asks. */
final class ServerOptions {

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "${env:WEIR_URL:-" + ServerAddress.DEFAULT + "}",
            description = "Where Weir answers (default: $WEIR_URL, else " + ServerAddress.DEFAULT + ").")
    private String url = ServerAddress.DEFAULT;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            defaultValue = "${env:WEIR_TOKEN:-}",
            description = "Access token (default: $WEIR_TOKEN, else none).")
    private String token = "";

    WeirHttp connect() {
        return new WeirHttp(ServerAddress.of(url, token));
    }
}
