using System.Diagnostics;
using Grpc.Core;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork.Coalescing;

/// <summary>Sends shared calls to a node, and gives each publish the outcome that a call of its own would have had.</summary>
/// <remarks>
/// A node refuses a call entirely, before it stages anything. So after a refusal each publish is sent again in a call of its
/// own, and so is each one with time left after the least timeout ended the call before it was staged. Any other error is
/// that of every publish.
/// </remarks>
/// <param name="node">The node's id.</param>
/// <param name="channel">Sends the call.</param>
/// <param name="sendAlone">Sends one publish in a call of its own.</param>
/// <param name="rules">Learns which callers' publishes have to have calls of their own.</param>
/// <param name="claims">Whether the publishes that waited may still be sent.</param>
/// <param name="time">The clock.</param>
internal sealed class SharedCallRunner(
    uint node,
    NodeChannel channel,
    Func<SharedCallMember, ValueTask<ReadOnlyMemory<byte>>> sendAlone,
    SharingRules rules,
    LapsedClaims claims,
    TimeProvider time)
{
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMilliseconds(50);

    /// <summary>Sends a call. Does not throw.</summary>
    internal async Task RunAsync(SharedCall call)
    {
        Activity.Current = null; // it belongs to several publishes
        try
        {
            if (!call.TryBegin(MaySend, time)) return;
            using var span = PublishTracing.SharedCall(node, call.Count, call.Members.Select(member => member.Span));
            call.Answer(await channel.PublishAsync(call, call.Token).ConfigureAwait(false));
        }
        catch (RpcException exception) when (SharingRules.IsRefusal(exception))
        {
            Refused(call, exception);
        }
        catch (RpcException exception)
            when (exception.StatusCode == StatusCode.DeadlineExceeded && time.GetElapsedTime(call.Began) >= call.Timeout - ClockSlack)
        {
            // It was not staged. Some may have more time than the call had.
            foreach (var member in call.Members) SendAgain(member, ClockSlack * 2);
        }
        catch (RpcException exception)
        {
            if (SharingRules.MayBeProvoked(exception))
                foreach (var member in call.Members)
                    rules.SendAlone(member.Caller);
            call.Fail(exception);
        }
#pragma warning disable CA1031 // publishes wait for this, and must not wait forever
        catch (Exception exception)
#pragma warning restore CA1031
        {
            call.Fail(exception);
        }
    }

    private bool MaySend(SharedCallMember member)
    {
        if (claims.AreSure || member.Caller is not { } caller) return true;
        if (!member.Publish.Read(envelopes => claims.Contain(caller, envelopes))) return true;
        member.Fail(new ClaimLapsedException());
        return false;
    }

    private void Refused(SharedCall call, RpcException fault)
    {
        if (call.Members is [var only])
        {
            rules.Refused(only.Publish, only.Caller, fault);
            only.Fail(fault);
            return;
        }

        // In order, as they arrived.
        foreach (var member in call.Members) SendAgain(member, TimeSpan.Zero);
    }

    // In a call of its own, unless less time than this is left, or its caller left.
    private void SendAgain(SharedCallMember member, TimeSpan least)
    {
        member.Publish.WasNotProcessed();
        if (member.Ended.IsCancellationRequested || !MaySend(member)) return;
        var left = member.Left(time);
        if (left <= least || member.Publish.IsDetached)
        {
            member.Fail(new RpcException(new Status(StatusCode.DeadlineExceeded, "it was not staged")));
            return;
        }

        member.Publish.Decision = null;
        member.Publish.Begins(time.GetTimestamp(), left);
        _ = SendAgainAsync(member);
    }

    private async Task SendAgainAsync(SharedCallMember member)
    {
        try
        {
            member.TrySetResult(await sendAlone(member).ConfigureAwait(false));
        }
#pragma warning disable CA1031 // the publish waits for this, whatever it is
        catch (Exception exception)
#pragma warning restore CA1031
        {
            member.Fail(exception);
        }
    }
}
