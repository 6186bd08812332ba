using System.Text.Json;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Topics;

namespace Xmtp.Gateway.Tests.Sdk;

/// <summary>
/// Two clients of one payer in a process of their own (<c>e2e/node/payers.mjs</c>), and who has to pay for what they publish.
/// </summary>
internal sealed class PayersClients : IAsyncDisposable
{
    private readonly SdkScript _script;
    private readonly EthereumAddress _sender;
    private readonly EthereumAddress[] _wallets;
    private Client[] _clients = [];

    private PayersClients(SdkScript script, string payer, EthereumAddress sender, EthereumAddress[] wallets)
    {
        _script = script;
        Payer = payer;
        _sender = sender;
        _wallets = wallets;
    }

    /// <summary>The payer's name.</summary>
    public string Payer { get; }

    /// <summary>How many texts and names were refused so far.</summary>
    public int Refusals { get; private set; }

    /// <summary>What the SDK logged.</summary>
    public string Log => _script.Rest();

    /// <summary>Starts them.</summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="payer">The payer's name.</param>
    /// <param name="tokens">The token of each.</param>
    /// <param name="sender">The wallet that sends their commits and identity updates.</param>
    /// <param name="wallets">The wallet that signs the messages of each.</param>
    /// <param name="late">Whether nobody pays for them at first.</param>
    public static PayersClients Start(
        Uri gateway, string payer, string[] tokens, EthereumAddress sender, EthereumAddress[] wallets, bool late = false) => new(
        SdkScript.Start(Sdk.Newest, "node/payers.mjs", gateway, JsonSerializer.Serialize(tokens), late ? "late" : "paid"),
        payer,
        sender,
        wallets);

    /// <summary>Waits until nobody pays for them, lets them try again, and returns the error.</summary>
    public async Task<string> AreUnpaidAsync()
    {
        var told = await _script.ExpectAsync("unpaid");
        await _script.ContinueAsync();
        return $"{told.GetProperty("error")}";
    }

    /// <summary>Waits until they have their groups and write.</summary>
    public Task WriteAsync() => _script.ExpectAsync("writing");

    /// <summary>Waits until each has published a few texts and names from now on.</summary>
    public async Task PublishMoreAsync()
    {
        await _script.ContinueAsync("more");
        await HearAsync("published");
    }

    /// <summary>Waits until texts and names of each are refused.</summary>
    public async Task AreRefusedAsync()
    {
        await _script.ContinueAsync("refused");
        await HearAsync("refused");
    }

    /// <summary>Ends them; what was answered has arrived at the other client, once.</summary>
    public async Task EndAsync()
    {
        await _script.ContinueAsync("end");
        var told = await HearAsync("read");
        _clients = told.GetProperty("clients").Deserialize<Client[]>(JsonSerializerOptions.Web)!;
        await _script.ExpectAsync("done");
    }

    /// <summary>Whether a wallet of theirs paid.</summary>
    public bool IsPaidByThem(PaidEnvelope paid) => paid.Payer == _sender || _wallets.Contains(paid.Payer);

    /// <summary>What they publish to nodes: the wallet that has to pay each topic, and how many envelopes it has at least.</summary>
    public IEnumerable<(string Topic, EthereumAddress Wallet, int AtLeast)> AtNodes() => _clients.SelectMany((client, i) => new[]
    {
        (TopicOf(TopicKind.GroupMessages, client.Group), _wallets[i], client.Texts),
        (TopicOf(TopicKind.KeyPackages, client.Installation), _wallets[i], 1),
        // The other client's group is what it is welcomed to.
        (TopicOf(TopicKind.WelcomeMessages, client.Installation), _wallets[1 - i], 1),
    });

    /// <summary>What they publish to the chain, in the same way.</summary>
    public IEnumerable<(string Topic, EthereumAddress Wallet, int AtLeast)> OnChain() => _clients.SelectMany(client => new[]
    {
        (TopicOf(TopicKind.GroupMessages, client.Group), _sender, client.Names),
        (TopicOf(TopicKind.IdentityUpdates, client.Inbox), _sender, 1),
    });

    public ValueTask DisposeAsync() => _script.DisposeAsync();

    private async Task<JsonElement> HearAsync(string step)
    {
        var told = await _script.ExpectAsync(step);
        Refusals = told.GetProperty("refusals").GetInt32();
        return told;
    }

    private static string TopicOf(TopicKind kind, string identifier) => $"{(byte)kind:x2}{identifier}";

    private sealed record Client(string Inbox, string Installation, string Group, int Texts, int Names);
}
