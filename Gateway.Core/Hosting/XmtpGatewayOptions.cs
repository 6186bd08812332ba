using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Hosting;

/// <summary>
/// Options of a gateway inside a program: <see cref="XmtpGateway.StartAsync"/>. On the local network the payer's key alone is
/// needed.
/// </summary>
/// <remarks>
/// The gateway reads neither variables nor appsettings.json: what is not set here has the default of its flag. Flags that have no
/// option here are given as <see cref="Flags"/>.
/// </remarks>
public sealed record XmtpGatewayOptions
{
    /// <summary>
    /// The payer's private key, 64 hexadecimal digits with or without 0x. A secret: in no log, no exception, and not in the text of
    /// these options. Exactly one of this, <see cref="PayerPrivateKeyFile"/> and <see cref="PayerKeystoreFile"/> is required, unless
    /// there is a <see cref="Signer"/>.
    /// </summary>
    public string? PayerPrivateKey { get; init; }

    /// <summary>The path of a file that holds the payer's private key, at most 64 KB of text.</summary>
    public string? PayerPrivateKeyFile { get; init; }

    /// <summary>
    /// The path of an encrypted key file: Web3 Secret Storage, version 3. Needs <see cref="PayerKeystorePasswordFile"/>.
    /// </summary>
    public string? PayerKeystoreFile { get; init; }

    /// <summary>The path of a file that holds the password of <see cref="PayerKeystoreFile"/>.</summary>
    public string? PayerKeystorePasswordFile { get; init; }

    /// <summary>A signer in place of a key, such as a remote key service. The caller disposes it, after the gateway.</summary>
    public ISigner? Signer { get; init; }

    /// <summary>
    /// The network: <c>anvil</c>, the default, which is the local one, <c>testnet</c> or <c>mainnet</c>. Null takes the contracts
    /// from <see cref="Flags"/>.
    /// </summary>
    public string? ContractsEnvironment { get; init; } = LocalChain.Environment;

    /// <summary>
    /// The App Chain's JSON-RPC over http(s); may contain a key, which is not shown. Required, but on the local network, where
    /// <c>http://127.0.0.1:8545</c> is the default.
    /// </summary>
    public Uri? AppChainRpcUrl { get; init; }

    /// <summary>
    /// The App Chain's JSON-RPC over ws(s). Null, the default, polls the chain; the default of <see cref="AppChainRpcUrl"/> has one.
    /// </summary>
    public Uri? AppChainWssUrl { get; init; }

    /// <summary>
    /// The settlement chain's (Base) JSON-RPC over http(s); may contain a key, which is not shown. Required, but on the local network,
    /// where <see cref="AppChainRpcUrl"/> is the default.
    /// </summary>
    public Uri? SettlementChainRpcUrl { get; init; }

    /// <summary>The settlement chain's JSON-RPC over ws(s). Null, the default, polls the chain.</summary>
    public Uri? SettlementChainWssUrl { get; init; }

    /// <summary>
    /// A redis:// or rediss:// URL, or a connection string: needed where several gateways have one payer. Null, the default, keeps
    /// all state in memory: nonces are then this gateway's own, and an unfinished publish is forgotten with the process.
    /// </summary>
    public string? RedisUrl { get; init; }

    /// <summary>The port of all protocols, 0 to 65535. 0, the default, takes a free one: <see cref="XmtpGateway.Url"/> tells it.</summary>
    public int Port { get; init; }

    /// <summary>The address that is listened on. Default 127.0.0.1: this machine alone.</summary>
    public string BindAddress { get; init; } = "127.0.0.1";

    /// <summary>
    /// Confirms that everyone who reaches the port may publish at the payer's expense: on mainnet a gateway without rules
    /// (<see cref="Configure"/>) does not start otherwise. Default no.
    /// </summary>
    public bool AllowAll { get; init; }

    /// <summary>How long the start waits for a chain that does not respond. More than zero; default 15 s.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>More flags of the gateway, such as <c>--limits=stock</c>; they override the options. Default none.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>Adds rules: who asks, who may publish, how much, and parts of one's own; null for none.</summary>
    public Action<XmtpGatewayBuilder>? Configure { get; init; }

    /// <summary>
    /// Receives the log, filtered by its own rules; the caller disposes it, after the gateway. Null, the default, logs nothing.
    /// </summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>The options that are not secret.</summary>
    public override string ToString() => $"XmtpGatewayOptions {{ {ContractsEnvironment}, {BindAddress}:{Port} }}";
}
