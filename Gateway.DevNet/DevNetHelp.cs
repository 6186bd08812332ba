namespace Xmtp.Gateway.DevNet;

/// <summary>The output of <c>--help</c>.</summary>
internal static class DevNetHelp
{
    /// <summary>The options of the program itself.</summary>
    public const string Text = """
        A local XMTP network: a chain with the network's contracts, nodes that check
        signatures, and a gateway in front. Everything listens on 127.0.0.1, unless
        --host says otherwise.

          --port-base N   Move all ports: gateway N, web N+5, metrics N+8, chain N+9,
                          nodes from N+11, the page N+20. 0 takes free ports. Without it:
                          gateway 5050, web 5055, metrics 8008, chain 8545, nodes from
                          5061, the page 5070.
          --nodes N       How many nodes, 1 to 20. Default 2; their ids are 100, 200, ...
          --chain URL     Use a chain that has the contracts already, such as the container
                          of the real ones, in place of an Anvil with stand-ins.
          --only PART     Start one part alone: chain, or nodes on the chain of --chain.
          --chain-port N, --node-port N, --page-port N
                          Move the chain, the nodes (from N on) or the page. 0 takes free
                          ports, and -1 is no page.
          --host ADDRESS  Let the chain and the nodes listen on this address of this machine,
                          and register the nodes with it: for gateways in containers, or
                          SDKs on a phone. The gateway and the page stay on 127.0.0.1.
          --block-time N  Mine a block each N seconds, 1 to 3600. Without it each transaction
                          is mined at once.
          --mixed-mining  With --block-time: mine each transaction at once as well.
          --data DIR      Keep the chain and the nodes' envelopes in this folder across
                          restarts. Without it everything is in memory.
          --enforce-balance
                          Let nodes refuse a payer whose balance does not cover the fees,
                          as FAILED_PRECONDITION "request has failed".
          --require-node-auth
                          Let the nodes' ReplicationApi answer UNAUTHENTICATED to all but
                          other nodes. PublishApi and QueryApi stay open.
          --control-port N
                          Serve the nodes' control on 127.0.0.1:N, 0 for a free port: make
                          a node fail and recover, kill it and start it. See below.
          --scenario      Repeat the events of a network: deposits, reports and their
                          settlement, new prices, a pause, a node that leaves, a reorg.
          --help          This text.

        Every other flag goes to the gateway, such as --log.log-level debug or
        --api.port 6000; `dotnet run --project Gateway.Api -- --help` lists them.

        The control of --control-port, for a node such as 100:
          GET    /nodes              every node: whether it runs, what is staged, its faults
          PUT    /nodes/100/faults   replace its faults, all of them, by those of the body
          DELETE /nodes/100/faults   none
          POST   /nodes/100/kill     as kill -9: connections are reset, what is staged stays
          POST   /nodes/100/start    again, at the same port; /nodes/100/restart does both
        Faults are a JSON object of these members:
          "workerDelayMs": N         delay before what is staged is signed and inserted
          "workerStuck": true        ... or not at all
          "storageUnavailable": true, "validationUnavailable": true, "ratesStale": true,
          "otherNode": true          INVALID_ARGUMENT, each with its text
          "indexerStuck": true       the App Chain is not read: depends_on is refused
          "viewDelayMs": N           delay before what other originators have is known
          "originatorHidden": true   QueryEnvelopes shows none of its own envelopes
          "replicationStopped": true it exchanges no envelopes with other nodes
          "databaseReadOnly": true   nothing can be staged: UNKNOWN
          "beforeStaging": FAULT, "afterStaging": FAULT   what a publish gets: one of
             {"answer": "UNAVAILABLE", "message": "..."}, {"reset": true},
             {"hang": true}, {"page": 403} (not after staging);
             "calls": 3 limits it to three calls, "every": 10 to each tenth

        When everything answers it prints one line, for programs:
          ready gateway=URL web=URL metrics=URL chain=URL nodes=URL,URL page=URL
        and control=URL behind it where there is one.
        Ctrl-C or SIGTERM stops everything; the exit code is then 0.
        """;
}
