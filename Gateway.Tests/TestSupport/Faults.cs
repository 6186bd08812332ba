using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>One call at a <see cref="FaultyNode"/>.</summary>
public sealed record NodeCall(FaultyNode Node, IReadOnlyList<PayerEnvelope> Envelopes, HttpContext Http)
{
    /// <summary>What grpc-timeout gives the node; without end when there is none.</summary>
    public TimeSpan Timeout => Http.Request.Headers["grpc-timeout"].ToString() is { Length: > 1 } text
        ? TimeSpan.FromMilliseconds(long.Parse(text[..^1], CultureInfo.InvariantCulture))
        : System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Waits for something for as long as the call has.</summary>
    /// <exception cref="TimeoutException">Its time is up.</exception>
    public Task WaitAsync(Task gate)
    {
        var wait = gate.WaitAsync(Timeout, Node.Time, Http.RequestAborted);
        if (!wait.IsCompleted) Node.Waits();
        return wait;
    }

    public string Service => Http.Request.Path.Value!.Split('/')[1];
}

/// <summary>What a node does with a call: answers, or throws the status that it refuses with.</summary>
public delegate Task<IEnumerable<OriginatorEnvelope>> NodeBehaviour(NodeCall call);

/// <summary>What can be wrong with a node.</summary>
public static class Faults
{
    private static int _numbered;

    /// <summary>
    /// As a real node: stages, and answers when its worker has inserted it, or OK all the same when the call's time is
    /// up.
    /// </summary>
    public static NodeBehaviour None { get; } = async call =>
    {
        var staged = call.Node.Store.Stage(call.Envelopes);
        try
        {
            await call.WaitAsync(staged.Inserted.Task);
        }
        catch (TimeoutException)
        {
            // It answers what it staged.
        }

        return staged.Envelopes;
    };

    public static NodeBehaviour TooFew { get; } = async call => (await None(call)).Skip(1);

    public static NodeBehaviour TooMany { get; } = async call => (await None(call))
        .Append(Sign(call.Envelopes[0], call.Node.Id, call.Node.Signer));

    public static NodeBehaviour AnotherOriginator { get; } = call => Task.FromResult(
        call.Envelopes.Select(envelope => Sign(envelope, 999, call.Node.Signer)));

    public static NodeBehaviour AnotherKey { get; } = call => Task.FromResult(
        call.Envelopes.Select(envelope => Sign(envelope, call.Node.Id, Payers.Signer(77))));

    public static NodeBehaviour AnotherEnvelope { get; } = call => Task.FromResult(call.Envelopes.Select(
        envelope => Sign(
            new PayerEnvelope(envelope) { UnsignedClientEnvelope = Envelopes.Welcome(99).ToByteString() },
            call.Node.Id,
            call.Node.Signer)));

    public static NodeBehaviour Garbage { get; } = call => Task.FromResult(call.Envelopes.Select(
        _ => new OriginatorEnvelope { UnsignedOriginatorEnvelope = ByteString.CopyFrom(0xFF, 0xFF, 0xFF) }));

    /// <summary>Takes the call and never answers.</summary>
    public static NodeBehaviour Silence { get; } = async call =>
    {
        await new TaskCompletionSource().Task.WaitAsync(call.Http.RequestAborted);
        return [];
    };

    /// <summary>Takes nothing before the task has ended. DEADLINE_EXCEEDED when the call's time is up first.</summary>
    public static NodeBehaviour StagesAfter(Task gate) => async call =>
    {
        try
        {
            await call.WaitAsync(gate);
        }
        catch (TimeoutException)
        {
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, "request timed out"));
        }

        return await None(call);
    };

    /// <summary>Takes the envelopes, and then behaves otherwise.</summary>
    public static NodeBehaviour StagesThen(NodeBehaviour then) => call =>
    {
        call.Node.Store.Stage(call.Envelopes);
        return then(call);
    };

    /// <summary>Answers with the page of an edge.</summary>
    public static NodeBehaviour Page(int status) => async call =>
    {
        call.Http.Response.StatusCode = status;
        call.Http.Response.ContentType = "text/html";
        await call.Http.Response.WriteAsync("<html>no</html>");
        throw new PageWasWrittenException();
    };

    /// <summary>Answers soundly, and charges this for each envelope, in picodollars.</summary>
    public static NodeBehaviour Charges(ulong baseFee, ulong congestionFee = 0) =>
        call => Task.FromResult(call.Envelopes.Select(envelope => Sign(envelope, call.Node.Id, call.Node.Signer, baseFee, congestionFee)));

    public static NodeBehaviour BreaksOff { get; } = call => throw new OperationCanceledException();

    public static NodeBehaviour Refuses(StatusCode code, string text = "no") => _ => throw new RpcException(new Status(code, text));

    /// <summary>Answers soundly once the task has ended.</summary>
    public static NodeBehaviour Waits(Task gate) => async call =>
    {
        call.Node.Waits();
        await gate;
        return await None(call);
    };

    private static OriginatorEnvelope Sign(
        PayerEnvelope envelope, uint originator, PrivateKeySigner signer, ulong baseFee = 0, ulong congestionFee = 0) =>
        OriginatorSigning.Sign(envelope, originator, (ulong)Interlocked.Increment(ref _numbered), signer, baseFee, congestionFee);
}

/// <summary>A behaviour has written the whole reply.</summary>
public sealed class PageWasWrittenException : Exception;
