using System.Security.Cryptography;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Bench.Publish;

/// <summary>What every gateway must pay for an envelope: one hash of it and one signature, measured in this process.</summary>
/// <param name="SignatureMicroseconds">One recoverable signature, by the implementation that this machine gives.</param>
/// <param name="HashMicroseconds">One payer hash of an envelope.</param>
/// <param name="Implementation">What made the signatures.</param>
internal sealed record CurveCost(double SignatureMicroseconds, double HashMicroseconds, string Implementation)
{
    private const int Slices = 9;
    private const int WorksBetweenLooks = 200;
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(60);

    /// <summary>Warms up, then takes the median of nine slices of 60 ms of processor time each.</summary>
    /// <param name="signer">The payer.</param>
    /// <param name="envelopeSize">What is hashed, in bytes.</param>
    public static CurveCost Measure(PrivateKeySigner signer, int envelopeSize = 1024)
    {
        var envelope = RandomNumberGenerator.GetBytes(envelopeSize);
        byte[] hash = new byte[Keccak256.HashSize], signature = new byte[65];
        // Each result feeds the next, so that nothing can be left out or done ahead.
        void Hash()
        {
            PayerSignature.Hash(Load.PublishRequest.NodeId, envelope, hash);
            hash.CopyTo(envelope, 0);
        }
        void Sign()
        {
            signer.Sign(hash, signature);
            signature.AsSpan(0, hash.Length).CopyTo(hash);
        }
        return new CurveCost(MedianMicroseconds(Sign), MedianMicroseconds(Hash), Secp256k1.Default.Name);
    }

    private static double MedianMicroseconds(Action work)
    {
        for (var i = 0; i < 5; i++) SliceMicroseconds(work);
        return Enumerable.Range(0, Slices).Select(_ => SliceMicroseconds(work)).Order().ElementAt(Slices / 2);
    }

    // Processor time, not the clock: other programs may have the processor in between.
    private static double SliceMicroseconds(Action work)
    {
        var start = Environment.CpuUsage.TotalTime;
        TimeSpan used;
        var count = 0;
        do
        {
            for (var i = 0; i < WorksBetweenLooks; i++) work();
            count += WorksBetweenLooks;
            used = Environment.CpuUsage.TotalTime - start;
        }
        while (used < Slice);
        return used.TotalMicroseconds / count;
    }
}
