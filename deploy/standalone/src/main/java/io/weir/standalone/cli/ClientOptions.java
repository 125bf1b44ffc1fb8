package io.weir.standalone.cli;

import io.weir.standalone.cli.client.WeirHttp;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that talks to a server about a database. */
final class ClientOptions {

    @Mixin
    private ServerOptions server = new ServerOptions();

    @Option(
            names = {"-d", "--db", "--database"},
            paramLabel = "NAME",
            defaultValue = "",
            description = "Database (default: the server's, \"default\").")
    private String database = "";

    WeirHttp connect() {
        return server.connect();
    }

    String database() {
        return database;
    }
}
