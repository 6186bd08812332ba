using System.Diagnostics;
using System.Text.RegularExpressions;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Samples;

/// <summary>A sample as readers start it: a process with flags, here in front of the local network's nodes.</summary>
internal sealed partial class SampleProcess : IAsyncDisposable
{
    private readonly TestProcess _process;
    private readonly Uri _url;

    private SampleProcess(TestProcess process, Uri url)
    {
        _process = process;
        _url = url;
    }

    public static async Task<SampleProcess> StartAsync(string name, DevNetFixture box, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, $"Sample.{name}.dll"),
            "--api.port=0",
            "--api.http-port=-1",
            "--api.bind-address=127.0.0.1",
            "--contracts.environment=anvil",
            .. name is "AwsKms" or "UserFunded" ? [] : (string[])[$"--payer.private-key={Hosting.GatewayUnderTest.Key}"],
            $"--contracts.app-chain.rpc-url={box.Network.ChainUrl}", $"--contracts.settlement-chain.rpc-url={box.Network.ChainUrl}",
        ])
        {
            WorkingDirectory = AppContext.BaseDirectory,
        };
        foreach (var (variable, value) in variables) start.Environment[variable] = value;
        var process = TestProcess.Start(start);
        try
        {
            var said = await process.ReadUntilAsync(line => Listening().IsMatch(line));
            return new SampleProcess(process, new Uri($"http://{Listening().Match(said[^1]).Groups[1].Value}"));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>What it wrote to its output so far.</summary>
    public string Output => _process.Output;

    /// <summary>Publishes these.</summary>
    public Task<Answer> PublishAsync(Form form, params ClientEnvelope[] envelopes) => PublishAsync(form, [], envelopes);

    /// <summary>Publishes these with headers.</summary>
    public async Task<Answer> PublishAsync(Form form, (string Name, string Value)[] headers, params ClientEnvelope[] envelopes)
    {
        using var client = new ProtocolClient(_url, form);
        return await client.PublishAsync(Envelopes.Request(envelopes), headers);
    }

    /// <summary>Publishes welcomes over each protocol in turn, and waits out the start of the node registry.</summary>
    public async Task<Answer> PublishAsync(Form form, int count, params (string Name, string Value)[] headers)
    {
        using var client = new ProtocolClient(_url, form);
        return await client.PublishAsync(
            Envelopes.Request([.. Enumerable.Range(0, count).Select(i => Envelopes.Welcome((byte)i, Random.Shared.Next(100, 1000)))]),
            headers);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [GeneratedRegex(@"Connect on (127\.0\.0\.1:\d+)")]
    private static partial Regex Listening();
}
