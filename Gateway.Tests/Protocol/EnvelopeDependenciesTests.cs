using Google.Protobuf;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Protocol;

public class EnvelopeDependenciesTests
{
    [Fact]
    public void An_envelope_depends_on_what_its_cursor_names()
    {
        Assert.Equal(default, EnvelopeDependencies.Read(Envelopes.Application().ToByteArray()));
        Assert.Equal(new EnvelopeDependencies(7, null, false), EnvelopeDependencies.Read(With((0, 7)).ToByteArray()));
        Assert.Equal(
            new EnvelopeDependencies(0, ulong.MaxValue, false),
            EnvelopeDependencies.Read(With((0, 0), (1, ulong.MaxValue)).ToByteArray()));
        Assert.Equal(new EnvelopeDependencies(null, 2, true), EnvelopeDependencies.Read(With((1, 2), (200, 3)).ToByteArray()));
    }

    [Fact]
    public void Cursors_that_are_given_again_are_merged_and_the_last_number_counts_as_for_every_parser()
    {
        var (first, second) = (With((0, 7), (1, 3)), With((0, 5)));
        byte[] aad = [.. first.Aad.ToByteArray(), .. new AuthenticatedData { DependsOn = second.Aad.DependsOn }.ToByteArray()];
        byte[] envelope = [0x0A, (byte)aad.Length, .. aad];
        Assert.Equal(5ul, ClientEnvelope.Parser.ParseFrom(envelope).Aad.DependsOn.NodeIdToSequenceId[0]);
        Assert.Equal(new EnvelopeDependencies(5, 3, false), EnvelopeDependencies.Read(envelope));
    }

    private static ClientEnvelope With(params (uint Originator, ulong Sequence)[] on)
    {
        var envelope = Envelopes.Application();
        envelope.Aad.DependsOn = new Cursor();
        foreach (var (originator, sequence) in on) envelope.Aad.DependsOn.NodeIdToSequenceId[originator] = sequence;
        return envelope;
    }
}
