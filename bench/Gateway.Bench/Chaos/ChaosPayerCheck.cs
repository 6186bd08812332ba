using Xmtp.Gateway.Bench.AppChain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>
/// Checks that the payer of each caller, and no other, paid for what it published: the payer signed what the nodes have, and sent what
/// the chain has, itself or by its senders.
/// </summary>
/// <param name="stage">The payers, and the nodes.</param>
/// <param name="history">What was published.</param>
internal sealed class ChaosPayerCheck(ChaosStage stage, IReadOnlyCollection<ChaosPublish> history)
{
    private readonly List<string> _violations = [];
    private readonly ChaosAttempts _attempts = new(stage);
    private readonly Dictionary<EthereumAddress, int> _signed = [];
    private readonly Dictionary<EthereumAddress, int> _sent = [];

    /// <summary>What must not be; empty when all held.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>What each payer paid, a line each.</summary>
    public IEnumerable<string> Lines => stage.Payers.All.Select(payer =>
        $"{(payer.Name.Length > 0 ? payer.Name : "the payer")}: {_signed.GetValueOrDefault(payer.Address)} messages at nodes; commits " +
        $"on chain: {string.Join(" + ", payer.Senders.Select(sender => _sent.GetValueOrDefault(sender)))}");

    /// <summary>Checks everything that was published.</summary>
    /// <param name="onChain">The commits of the chain, by their bytes.</param>
    /// <param name="atNodes">The envelopes of the nodes, by the bytes of their client envelopes.</param>
    public void Run(ILookup<string, CommitOnChain> onChain, ILookup<string, OriginatorEnvelopeView> atNodes)
    {
        foreach (var publish in history)
        {
            var payer = publish.Identity.Payer;
            foreach (var commit in onChain[publish.Key])
            {
                Count(_sent, commit.Sender);
                if (!payer.Senders.Contains(commit.Sender))
                    _violations.Add(_attempts.Show(publish, $"it was sent by {commit.Sender}, which is not of its payer {payer.Address}"));
            }

            foreach (var envelope in atNodes[publish.Key])
            {
                if (!CheckedPayerEnvelope.TryRecover(PayerEnvelope.Parser.ParseFrom(envelope.PayerEnvelope.Span), out var signer))
                    _violations.Add(_attempts.Show(publish, "a node has it without a payer's signature"));
                else if (signer != payer.Address)
                    _violations.Add(_attempts.Show(publish, $"it was signed by {signer}, and its payer is {payer.Address}"));
                Count(_signed, signer);
            }
        }
    }

    private static void Count(Dictionary<EthereumAddress, int> counts, EthereumAddress account) =>
        counts[account] = counts.GetValueOrDefault(account) + 1;
}
