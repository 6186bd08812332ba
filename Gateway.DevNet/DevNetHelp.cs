namespace Xmtp.Gateway.DevNet;

/// <summary>What <c>--help</c> prints.</summary>
internal static class DevNetHelp
{
    /// <summary>The options of the program itself.</summary>
    public const string Text = """
        An XMTP network in a box: a chain with the network's contracts, nodes that check
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
          --chain-port N, --node-port N
                          Move the chain, or the nodes (from N on). 0 takes free ports.
          --host ADDRESS  Let the chain and the nodes listen on this address of this machine,
                          and register the nodes with it: for gateways in containers, or
                          SDKs on a phone. The gateway and the page stay on 127.0.0.1.
          --block-time N  Mine a block each N seconds, 1 to 3600. Without it each transaction
                          is mined at once.
          --mixed-mining  With --block-time: mine each transaction at once as well.
          --data DIR      Keep the chain and the nodes' envelopes in this folder across
                          restarts. Without it everything is in memory.
          --enforce-balance
                          Let nodes refuse a payer whose balance does not cover the fees.
          --scenario      Play a network's life over and over: deposits, reports and their
                          settlement, new prices, a pause, a node that leaves, a reorg.
          --help          This text.

        Every other flag goes to the gateway, such as --log.log-level debug or
        --api.port 6000; `dotnet run --project Gateway.Api -- --help` lists them.

        When everything answers it prints one line, for programs:
          ready gateway=URL web=URL metrics=URL chain=URL nodes=URL,URL page=URL
        Ctrl-C or SIGTERM stops everything; the exit code is then 0.
        """;
}
