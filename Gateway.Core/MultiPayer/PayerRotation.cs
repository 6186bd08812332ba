using System.Globalization;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Changes payers over to another key at the dates of the payers file, with the keys that were read when the file came.</summary>
/// <remarks>
/// A date at which the change fails leaves the key before it in force, so that callers are served, and is tried again with growing
/// pauses. Used by one caller at a time.
/// </remarks>
internal sealed partial class PayerRotation(PayerSet payers, PayersReload reload, TimeProvider time, ILogger<PayerRotation> logger)
{
    private static readonly TimeSpan MinPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(1);

    private volatile IReadOnlyList<string> _faults = [];
    private TimeSpan _pause;
    private long _triedAt;

    /// <summary>Why a date that has come is not in force; empty when all are.</summary>
    internal IReadOnlyList<string> Faults => _faults;

    /// <summary>Changes over when a date has come.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        var (before, now) = (payers.Reading, time.GetUtcNow());
        if (!(before.Document.NextChange <= now))
        {
            _faults = [];
            return;
        }

        if (_faults.Count > 0 && time.GetElapsedTime(_triedAt) < _pause) return;
        var reading = before.At(now);
        var faults = await reload.ApplyAsync(reading, cancellationToken).ConfigureAwait(false);
        _triedAt = time.GetTimestamp();
        _pause = _faults.Count == 0 ? MinPause : DoublingPause.After(_pause, MaxPause);
        if (faults.Count > 0 && !faults.SequenceEqual(_faults, StringComparer.Ordinal)) LogFailed(logger, string.Join("; ", faults));
        _faults = faults;
        if (faults.Count > 0) return;
        foreach (var entry in before.Document.Coming.Where(one => payers.Find(one.Name)?.Entry == one))
            LogChanged(logger, entry.Name, reading.Signers[entry].Address, Text(entry.Until));
    }

    private static string Text(DateTimeOffset? until) => until?.ToString("u", CultureInfo.InvariantCulture) ?? "the file changes";

    [LoggerMessage(
        EventIds.PayerChangedOver,
        LogLevel.Information,
        "the payer {Payer} has changed over at its date: {Address} pays now, until {Until}")]
    private static partial void LogChanged(ILogger logger, string payer, EthereumAddress address, string until);

    [LoggerMessage(
        EventIds.PayerNotChangedOver,
        LogLevel.Error,
        "a date of the payers file has come and cannot be put in force; the keys before it stay in force: {Faults}")]
    private static partial void LogFailed(ILogger logger, string faults);
}
