using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>A caller's timeout is what the two protocols say, and never longer than the gateway's own.</summary>
public sealed partial class CallTimeoutTarget : IFuzzTarget
{
    public string Name => "call-timeout";

    public string Summary => "the headers grpc-timeout and connect-timeout-ms, compared with regular expressions";

    public IEnumerable<(string Name, byte[] Input)> Seeds =>
    [
        ("seconds", Bytes.Utf8("10S")), ("milliseconds", Bytes.Utf8("1500m")), ("hours", Bytes.Utf8("99999999H")),
        ("nanoseconds", Bytes.Utf8("1n")), ("connect", Bytes.Utf8("0000002500")), ("negative", Bytes.Utf8("-1S")), ("empty", []),
    ];

    public void Run(byte[] input)
    {
        var text = Encoding.Latin1.GetString(input);
        var clock = new FixedClock();
        Check(CallTimeout.OfGrpc(new HeaderDictionary { ["grpc-timeout"] = text }, clock), Grpc(text), clock);
        Check(CallTimeout.OfConnect(new HeaderDictionary { ["connect-timeout-ms"] = text }, clock), Connect(text), clock);
    }

    private static void Check(PublishDeadline? found, BigInteger? nanoseconds, FixedClock clock)
    {
        Expect.Same(nanoseconds is null, found is null, "whether it is a timeout");
        if (found is not { } deadline) return;
        var remaining = deadline.Remaining;
        Expect.That(remaining >= TimeSpan.Zero && remaining <= PublishDeadline.Max, "the deadline is past the longest");
        var expected = BigInteger.Min(nanoseconds!.Value / 100, PublishDeadline.Max.Ticks);
        // Of a double, which counts seconds on the way.
        Expect.That(BigInteger.Abs(expected - remaining.Ticks) <= 1, $"expected {expected} ticks, found {remaining.Ticks}");
        Expect.Same(clock.GetTimestamp() + remaining.Ticks, deadline.Timestamp, "the timestamp");
    }

    private static BigInteger? Grpc(string text)
    {
        if (text.Length == 0) return BigInteger.Pow(10, 18);
        var match = GrpcForm().Match(text);
        return match.Success ? BigInteger.Parse(match.Groups[1].ValueSpan) * BigInteger.Pow(10, match.Groups[2].Value switch
        {
            "n" => 0,
            "u" => 3,
            "m" => 6,
            _ => 9,
        }) * (match.Groups[2].Value switch { "M" => 60, "H" => 3600, _ => 1 }) : null;
    }

    private static BigInteger? Connect(string text) => text.Length == 0 ? BigInteger.Pow(10, 18)
        : ConnectForm().IsMatch(text) ? BigInteger.Parse(text) * 1_000_000 : null;

    [GeneratedRegex(@"\A([0-9]{1,8})([HMSmun])\z")]
    private static partial Regex GrpcForm();

    [GeneratedRegex(@"\A[0-9]{1,10}\z")]
    private static partial Regex ConnectForm();
}
