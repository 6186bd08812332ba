using Xmtp.Gateway.AppChain.Senders;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Keys;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Reads the keys of the senders of payers. An account has one use in a file: it pays, or sends for one payer.</summary>
internal static class SenderKeys
{
    /// <summary>Reads them.</summary>
    /// <param name="payers">The payers.</param>
    /// <param name="signers">The signers of all entries of the file.</param>
    /// <param name="seeds">The seeds of the file.</param>
    /// <param name="areMany">Whether encrypted keys are opened at their first use.</param>
    /// <param name="faults">Where faults go.</param>
    /// <param name="warnings">Where safety warnings about files of keys go.</param>
    /// <returns>The senders of each payer that has some, by its name.</returns>
    internal static IReadOnlyDictionary<string, SenderSigners> Read(
        IReadOnlyList<PayerEntry> payers,
        IReadOnlyDictionary<PayerEntry, ISigner> signers,
        SeedFiles seeds,
        bool areMany,
        List<string> faults,
        List<string> warnings)
    {
        var uses = new Dictionary<EthereumAddress, string>();
        foreach (var (entry, signer) in signers) uses.TryAdd(signer.Address, entry.Name);
        var read = new Dictionary<string, SenderSigners>(StringComparer.Ordinal);
        foreach (var payer in payers)
        {
            List<ISigner> own = [];
            foreach (var sender in payer.Senders)
            {
                var key = sender.Key.Read(sender.Place, seeds, areMany);
                faults.AddRange(key.Faults);
                warnings.AddRange(key.Warnings);
                if (key.Signer is not { } signer) continue;
                if (!uses.TryAdd(signer.Address, $"a sender of {payer.Name}"))
                {
                    faults.Add(
                        $"{sender.Place}: {signer.Address} is the address of {uses[signer.Address]} too; expected a key of its own");
                }

                own.Add(signer);
            }

            if (own.Count > 0) read.TryAdd(payer.Name, new SenderSigners(own));
        }

        return read;
    }
}
