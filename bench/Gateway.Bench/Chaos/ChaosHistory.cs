using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>An envelope, what was sent of it, and what came back.</summary>
internal sealed class ChaosPublish(ClientEnvelope envelope, bool isCommit)
{
    private readonly ConcurrentQueue<OriginatorEnvelope> _answers = new();
    private readonly ConcurrentQueue<ChaosError> _errors = new();

    /// <summary>The envelope.</summary>
    public ClientEnvelope Envelope => envelope;

    /// <summary>When it was first sent, as a timestamp of the clock.</summary>
    public long BeganAt { get; } = TimeProvider.System.GetTimestamp();

    /// <summary>When the newest answer came, as a timestamp of the clock; null before the first.</summary>
    public long? AnsweredAt { get; private set; }

    /// <summary>Its bytes, in hexadecimal.</summary>
    public string Key { get; } = Convert.ToHexString(envelope.ToByteArray());

    /// <summary>Whether it goes to the App Chain.</summary>
    public bool IsCommit => isCommit;

    /// <summary>The answers: more than one where it was sent again after the first.</summary>
    public IReadOnlyCollection<OriginatorEnvelope> Answers => _answers;

    /// <summary>The errors of attempts.</summary>
    public IReadOnlyCollection<ChaosError> Errors => _errors;

    /// <summary>Records an answer.</summary>
    public void Answer(OriginatorEnvelope answer)
    {
        AnsweredAt = TimeProvider.System.GetTimestamp();
        _answers.Enqueue(answer);
    }

    /// <summary>Records an error.</summary>
    public void Fail(RpcException error) =>
        _errors.Enqueue(new ChaosError(error.StatusCode, error.Status.Detail, error.Status.DebugException is null));
}

/// <summary>Why an attempt failed.</summary>
/// <param name="Code">The status.</param>
/// <param name="Text">The text.</param>
/// <param name="IsAnswer">Whether a gateway answered it; false where the connection broke.</param>
internal sealed record ChaosError(StatusCode Code, string Text, bool IsAnswer)
{
    public override string ToString() => $"{Code}{(IsAnswer ? "" : " (connection)")}: {Text}";
}
