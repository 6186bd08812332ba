using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>
/// The common part of the two broadcasters of the App Chain: payload bounds, a pause, and a sequence.
/// </summary>
public abstract class BroadcasterContract
{
    /// <summary>minPayloadSize()</summary>
    public static readonly ContractFunction MinPayloadSize = new("minPayloadSize()");

    /// <summary>maxPayloadSize()</summary>
    public static readonly ContractFunction MaxPayloadSize = new("maxPayloadSize()");

    /// <summary>paused()</summary>
    public static readonly ContractFunction IsPaused = new("paused()");

    /// <summary>PauseStatusUpdated(bool indexed paused)</summary>
    public static readonly Bytes32 PauseStatusUpdatedTopic = AbiSignature.Topic("PauseStatusUpdated(bool)");

    /// <summary>MinPayloadSizeUpdated(uint256 indexed size)</summary>
    public static readonly Bytes32 MinPayloadSizeUpdatedTopic = AbiSignature.Topic("MinPayloadSizeUpdated(uint256)");

    /// <summary>MaxPayloadSizeUpdated(uint256 indexed size)</summary>
    public static readonly Bytes32 MaxPayloadSizeUpdatedTopic = AbiSignature.Topic("MaxPayloadSizeUpdated(uint256)");

    /// <summary>The events that change which payloads the contract accepts.</summary>
    public static readonly IReadOnlyList<Bytes32> StateTopics =
    [
        PauseStatusUpdatedTopic,
        MinPayloadSizeUpdatedTopic,
        MaxPayloadSizeUpdatedTopic,
    ];

    /// <summary>The error of a paused contract.</summary>
    public static readonly ContractError Paused = new("Paused()");

    /// <summary>The error of a payload that is too small or too large.</summary>
    public static readonly ContractError InvalidPayloadSize = new("InvalidPayloadSize(uint256,uint256,uint256)");

    private readonly ContractReader _reader;

    private protected BroadcasterContract(EthereumRpc rpc, EthereumAddress address) => _reader = new ContractReader(rpc, address);

    /// <summary>The address of the contract.</summary>
    public EthereumAddress Address => _reader.Address;

    /// <summary>The smallest payload that the contract accepts, in bytes.</summary>
    public Task<RpcResult<uint>> GetMinPayloadSizeAsync(CancellationToken cancellationToken) =>
        _reader.ReadAsync(MinPayloadSize, result => result.UInt32(), cancellationToken);

    /// <summary>The largest payload that the contract accepts, in bytes.</summary>
    public Task<RpcResult<uint>> GetMaxPayloadSizeAsync(CancellationToken cancellationToken) =>
        _reader.ReadAsync(MaxPayloadSize, result => result.UInt32(), cancellationToken);

    /// <summary>Whether the contract is paused and accepts nothing.</summary>
    public Task<RpcResult<bool>> GetPausedAsync(CancellationToken cancellationToken) =>
        _reader.ReadAsync(IsPaused, result => result.Bool(), cancellationToken);

    /// <summary>Reads the revert data of a payload that is too small or too large.</summary>
    public static bool TryReadInvalidPayloadSize(
        ReadOnlyMemory<byte> revertData, out (BigInteger Actual, BigInteger Min, BigInteger Max) size) =>
        InvalidPayloadSize.TryRead(revertData, data => (data.UInt(256), data.UInt(256), data.UInt(256)), out size);

    /// <summary>Whether this event changes which payloads the contract accepts.</summary>
    public static bool ChangesWhatIsTaken(LogEntry log) => log.Topics.Count > 0 && StateTopics.Contains(log.Topics[0]);

    /// <summary>Reads a change of a payload bound, in bytes.</summary>
    public static bool TryReadPayloadSizeUpdated(LogEntry log, [NotNullWhen(true)] out PayloadSizeUpdated? update) =>
        EventReader.TryRead(log, MinPayloadSizeUpdatedTopic, 1, (indexed, _) => new PayloadSizeUpdated(indexed.UInt(256), null), out update)
        || EventReader.TryRead(
            log, MaxPayloadSizeUpdatedTopic, 1, (indexed, _) => new PayloadSizeUpdated(null, indexed.UInt(256)), out update);

    /// <summary>Reads the start or the end of a pause.</summary>
    public static bool TryReadPauseStatusUpdated(LogEntry log, [NotNullWhen(true)] out PauseStatusUpdated? update) =>
        EventReader.TryRead(log, PauseStatusUpdatedTopic, 1, (indexed, _) => new PauseStatusUpdated(indexed.Bool()), out update);

    /// <summary>The first event of this contract in a receipt; events of other contracts are ignored.</summary>
    private protected T? Find<T>(TransactionReceipt receipt, Func<LogEntry, T?> read)
        where T : class =>
        receipt.Logs.Where(log => log.Address == Address && !log.Removed).Select(read).FirstOrDefault(found => found is not null);
}

/// <summary>A contract was paused or unpaused.</summary>
/// <param name="Paused">Whether it is paused from now on.</param>
public sealed record PauseStatusUpdated(bool Paused);

/// <summary>One of a contract's two payload bounds changed.</summary>
/// <param name="Min">The smallest payload, in bytes; null when the max changed.</param>
/// <param name="Max">The largest payload, in bytes; null when the min changed.</param>
public sealed record PayloadSizeUpdated(BigInteger? Min, BigInteger? Max);
