package io.weir.standalone.cli;

import io.weir.standalone.cli.client.ServerAddress;
import io.weir.standalone.cli.client.WeirHttp;
import picocli.CommandLine.Option;

/** The options of every command that talks to a server. */
final class ClientOptions {

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

    @Option(
            names = {"-d", "--db", "--database"},
            paramLabel = "NAME",
            defaultValue = "",
            description = "Database (default: the server's, \"default\").")
    private String database = "";

    WeirHttp connect() {
        return new WeirHttp(ServerAddress.of(url, token));
    }

    String database() {
        return database;
    }
}
