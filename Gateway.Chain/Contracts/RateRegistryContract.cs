using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>The RateRegistry on the settlement chain: past, present and future prices of messages.</summary>
public sealed class RateRegistryContract(EthereumRpc rpc, EthereumAddress address)
{
    /// <summary>getRatesCount()</summary>
    public static readonly ContractFunction GetRatesCount = new("getRatesCount()");

    /// <summary>getRates(uint256 from, uint256 count)</summary>
    public static readonly ContractFunction GetRates = new("getRates(uint256,uint256)");

    /// <summary>
    /// RatesUpdated(uint64 messageFee, uint64 storageFee, uint64 congestionFee, uint64 targetRatePerMinute, uint64
    /// startTime)
    /// </summary>
    public static readonly Bytes32 RatesUpdatedTopic = AbiSignature.Topic("RatesUpdated(uint64,uint64,uint64,uint64,uint64)");

    private readonly ContractReader _reader = new(rpc, address);

    /// <summary>The address of the contract.</summary>
    public EthereumAddress Address => _reader.Address;

    /// <summary>The number of rates: past, present and future.</summary>
    public Task<RpcResult<ulong>> GetRatesCountAsync(CancellationToken cancellationToken) =>
        _reader.ReadAsync(GetRatesCount, result => result.UInt64(256), cancellationToken);

    /// <summary>
    /// Reads <paramref name="count"/> rates, oldest first. A count of 0, or a range past the end, reverts.
    /// </summary>
    public Task<RpcResult<IReadOnlyList<Rates>>> GetRatesAsync(ulong from, ulong count, CancellationToken cancellationToken) =>
        _reader.ReadAsync<IReadOnlyList<Rates>>(
            GetRates,
            GetRates.Encode(new AbiWriter().UInt(from).UInt(count)),
            result => result.Array(Rates.Read),
            cancellationToken);

    /// <summary>Reads the event.</summary>
    public static bool TryReadRatesUpdated(LogEntry log, [NotNullWhen(true)] out Rates? rates) =>
        EventReader.TryRead(log, RatesUpdatedTopic, 0, (_, data) => Rates.Read(data), out rates);
}

/// <summary>Prices in picodollars (10⁻¹² $), in force from their start time until the next rates start.</summary>
/// <param name="MessageFee">Per message, in picodollars.</param>
/// <param name="StorageFee">Per byte and day, in picodollars.</param>
/// <param name="CongestionFee">Per unit of congestion, of which a message has 0 to 100; in picodollars.</param>
/// <param name="TargetRatePerMinute">Messages per minute of one originator above which there is congestion.</param>
/// <param name="StartTime">When they come into force, in Unix seconds.</param>
public sealed record Rates(ulong MessageFee, ulong StorageFee, ulong CongestionFee, ulong TargetRatePerMinute, ulong StartTime)
{
    /// <summary>The prices with their units, as logs show them.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{MessageFee} picodollars per message, {StorageFee} per byte and day, {CongestionFee} per unit of congestion above " +
        $"{TargetRatePerMinute} messages per minute, from {From}");

    private string From => StartTime <= MaxUnixSeconds
        ? DateTimeOffset.FromUnixTimeSeconds((long)StartTime).ToString("u", CultureInfo.InvariantCulture)
        : "never";

    // The end of the year 9999.
    private const ulong MaxUnixSeconds = 253_402_300_799;

    internal static Rates Read(AbiReader tuple) => new(tuple.UInt64(), tuple.UInt64(), tuple.UInt64(), tuple.UInt64(), tuple.UInt64());
}
