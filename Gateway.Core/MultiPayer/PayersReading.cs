using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.AppChain.Senders;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Keys;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>The payers file as it was read, with its keys, and everything that is wrong with it.</summary>
/// <param name="Document">What it says.</param>
/// <param name="Signers">The signer of each entry that has a usable one.</param>
/// <param name="Faults">Why it cannot be used; empty when it can.</param>
/// <param name="Warnings">Safety warnings about files of keys.</param>
internal sealed record PayersReading(
    PayersDocument Document,
    IReadOnlyDictionary<PayerEntry, ISigner> Signers,
    IReadOnlyList<string> Faults,
    IReadOnlyList<string> Warnings)
{
    private const int VersionLength = 12;

    private const string WithoutKey = $"it has no key; expected {KeyEntry.Expected}, or UsePayerSigner";

    /// <summary>Which version of the file it is: the first 12 hexadecimal digits of its SHA-256; empty when it could not be read.</summary>
    internal string Version { get; private init; } = "";

    /// <summary>The senders of each payer that has some, by its name.</summary>
    internal IReadOnlyDictionary<string, SenderSigners> Senders { get; private init; } = new Dictionary<string, SenderSigners>();

    /// <summary>Whether its payers start when they are first used, and their encrypted keys are opened then.</summary>
    internal bool AreMany => Document.Entries.Count > PayerStarts.MaxAtStart;

    /// <summary>The keys of an entry of a file without faults.</summary>
    internal PayerKeys KeysOf(PayerEntry entry) => new(Signers[entry], Senders.GetValueOrDefault(entry.Name));

    /// <summary>Reads a file and the keys that it names. Does not throw.</summary>
    /// <param name="path">The file.</param>
    /// <param name="settings">The settings of payers, for their checks.</param>
    /// <param name="configuration">The gateway's configuration.</param>
    /// <param name="services">The gateway's services: signers that code registered by name.</param>
    /// <param name="now">The instant that decides which entries are in force.</param>
    internal static PayersReading Read(
        string path, PayerSettings settings, IConfiguration configuration, IServiceProvider services, DateTimeOffset now)
    {
        List<string> faults = [], warnings = [];
        using var seeds = new SeedFiles();
        var signers = new Dictionary<PayerEntry, ISigner>(ReferenceEqualityComparer.Instance);
        var text = ReadBytes(settings.Name, path, faults);
        var document = text is null ? PayersDocument.Empty : PayersFile.Parse(settings.Name, text, faults).At(now);
        var areMany = document.Entries.Count > PayerStarts.MaxAtStart;
        var addresses = new Dictionary<EthereumAddress, PayerEntry>();
        // Equal settings are one object, which is checked once.
        var found = new Dictionary<object, IReadOnlyList<string>>(ReferenceEqualityComparer.Instance);
        faults.AddRange(PayerDates.Faults(document.Entries, now));
        foreach (var payer in document.Entries)
        {
            if (payer.Name.Length == 0) continue;
            if (!found.TryGetValue(payer.Settings, out var wrong))
                found.Add(payer.Settings, wrong = settings.Faults(payer.Settings, configuration));
            faults.AddRange(wrong.Select(fault => $"{payer.Place}: {fault}"));
            var key = KeyOf(payer, services, seeds, areMany);
            faults.AddRange(key.Faults);
            warnings.AddRange(key.Warnings);
            if (key.Signer is not { } signer) continue;
            if (!addresses.TryAdd(signer.Address, payer))
            {
                faults.Add(
                    $"{payer.Place}: {signer.Address} is the address of {addresses[signer.Address].Name} too; expected a key of its own");
            }

            signers.Add(payer, signer);
        }

        var senders = SenderKeys.Read(document.Payers, signers, seeds, areMany, faults, warnings);
        faults.AddRange(PayerRules.Overlaps(document.Payers));
        return new PayersReading(document, signers, faults, warnings)
        {
            Version = text is null ? "" : VersionOf(SHA256.HashData(text)),
            Senders = senders,
        };
    }

    /// <summary>The same file and keys at an instant, at which other entries may be in force.</summary>
    internal PayersReading At(DateTimeOffset now) => this with { Document = Document.At(now) };

    /// <summary>The wallets of a file without faults: those of the payers in the order of the file, and those of other times.</summary>
    internal IEnumerable<PayerAddress> Addresses => Document.Payers.Select(entry => AddressOf(entry, true))
        .Concat(Document.Earlier.Concat(Document.Coming).Select(entry => AddressOf(entry, false)));

    /// <summary>The version of a file as it is now; empty when it cannot be read. The file is not kept in memory.</summary>
    internal static string VersionOf(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return file.Length > PayersFile.MaxSize ? "" : VersionOf(SHA256.HashData(file));
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            return "";
        }
    }

    private static string VersionOf(ReadOnlySpan<byte> hash) => Convert.ToHexStringLower(hash)[..VersionLength];

    private static (ISigner? Signer, IReadOnlyList<string> Faults, IReadOnlyList<string> Warnings) KeyOf(
        PayerEntry payer, IServiceProvider services, SeedFiles seeds, bool areMany)
    {
        if (payer.Key.IsNone)
        {
            return services.GetKeyedService<ISigner>(payer.Name) is { } own
                ? (own, [], [])
                : (null, [$"{payer.Place}: {WithoutKey}"], []);
        }

        var key = payer.Key.Read(payer.Place, seeds, areMany);
        return (key.Signer, key.Faults, key.Warnings);
    }

    private PayerAddress AddressOf(PayerEntry entry, bool isInForce) =>
        new(entry.Name, Signers[entry].Address, entry.Place) { IsInForce = isInForce };

    private static byte[]? ReadBytes(string name, string path, List<string> faults)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > PayersFile.MaxSize)
                faults.Add($"{name}: the file is larger than {PayersFile.MaxSize >> 20} MiB");
            else if (file.Exists)
                return File.ReadAllBytes(path);
            else
                faults.Add($"{name}: there is no such file; a relative path begins at {Environment.CurrentDirectory}");
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            faults.Add($"{name}: the file cannot be read");
        }

        return null;
    }

    private static bool IsUnreadable(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;
}
