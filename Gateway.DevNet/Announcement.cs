using System.Text;

namespace Xmtp.Gateway.DevNet;

/// <summary>The output once the network is up: a line for programs, then a table and a sample request for people.</summary>
internal static class Announcement
{
    /// <summary>The line with all addresses. Its format is stable.</summary>
    public static string Ready(DevNetwork network) =>
        (network.HasGateway
            ? $"ready gateway={Show(network.Gateway)} web={Show(network.Web)} metrics={Show(network.Metrics)}"
            : "ready gateway=off web=off metrics=off")
        + $" chain={Show(network.ChainUrl)}"
        + $" nodes={string.Join(',', network.Nodes.Select(node => Show(node.Address)))} page={Show(network.Page)}"
        + (network.Control is null ? "" : $" control={Show(network.Control)}");

    /// <summary>The table and the sample request.</summary>
    public static string Details(DevNetwork network)
    {
        var text = new StringBuilder().AppendLine();
        foreach (var (what, where, more) in Rows(network)) text.AppendLine($"  {what,-10} {where,-30} {more}");
        foreach (var note in network.Notes) text.AppendLine($"  note: {note}");
        if (network.HasGateway) AppendRequest(text, network.Gateway);
        return text.AppendLine().Append("Ctrl-C stops everything.").ToString();
    }

    private static void AppendRequest(StringBuilder text, Uri gateway)
    {
        text.AppendLine().AppendLine("Publish an application message, from another terminal:").AppendLine();
        text.AppendLine(SampleRequest.Curl(gateway)).AppendLine();
        text.AppendLine(
            "It answers with the node's own envelope: numbered and signed by the node, with your bytes and the payer's signature in it.");
        text.AppendLine()
            .AppendLine("""  {"originatorEnvelopes":[{"unsignedOriginatorEnvelope":"…","originatorSignature":{"bytes":"…"}}]}""");
    }

    private static IEnumerable<(string What, string Where, string More)> Rows(DevNetwork network)
    {
        if (network.HasGateway)
        {
            yield return ("gateway", Show(network.Gateway), $"gRPC, gRPC-Web, Connect; payer {network.Payer.Address}");
            if (network.Web is not null) yield return ("web", Show(network.Web), "gRPC-Web and Connect over HTTP/1.1");
            if (network.Metrics is not null)
                yield return ("operator", $"{Show(network.Metrics)}/", "the operator's page: funds, costs, who spends, what is wrong");
            if (network.Metrics is not null) yield return ("metrics", $"{Show(network.Metrics)}/metrics", "Prometheus");
        }

        if (network.Page is not null) yield return ("page", Show(network.Page), "two users in the browser, and what each message cost");
        if (network.Control is not null)
            yield return ("control", Show(network.Control), "make nodes fail, kill and start them; see --help");
        yield return ("chain", Show(network.ChainUrl), $"App Chain and settlement chain; {Show(network.ChainWebSocketUrl)}");
        foreach (var node in network.Nodes) yield return ($"node {node.Id}", Show(node.Address), $"signs as {node.Signer}");
        yield return (
            "registry",
            ChainAddresses.NodeRegistry.ToString(),
            "NodeRegistry; the other contracts are those of --contracts.environment anvil");
    }

    // Omits credentials, which a chain's URL may contain.
    private static string Show(Uri? url) => url is null ? "off" : $"{url.Scheme}://{url.Host}:{url.Port}";
}
