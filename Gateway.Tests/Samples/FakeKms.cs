using System.Formats.Asn1;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Samples;

/// <summary>
/// An endpoint that speaks the protocol of AWS KMS (JSON 1.1) for one key of secp256k1: DER, and every second signature
/// with the higher s.
/// </summary>
internal sealed class FakeKms : IAsyncDisposable
{
    public const string KeyId = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    private static readonly BigInteger Order = BigInteger.Parse(
        "0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private readonly PrivateKeySigner _key;
    private ScriptedRpcServer? _server;
    private int _signed;
    private int _calls;

    private FakeKms(PrivateKeySigner key) => _key = key;

    public Uri Url => _server!.HttpUrl;

    public EthereumAddress Address => _key.Address;

    public int Calls => Volatile.Read(ref _calls);

    public int Signed => Volatile.Read(ref _signed);

    /// <summary>Answers a call of this operation in place of KMS; false lets KMS answer.</summary>
    public Func<string, HttpContext, Task<bool>> Fault { get; set; } = (_, _) => Task.FromResult(false);

    /// <summary>The curve that the public key names.</summary>
    public string Curve { get; set; } = "1.3.132.0.10";

    /// <summary>What a signature is made of, if not of r and s as they are.</summary>
    public Func<BigInteger, BigInteger, (BigInteger R, BigInteger S)>? Change { get; set; }

    public static async Task<FakeKms> StartAsync(PrivateKeySigner key)
    {
        var kms = new FakeKms(key);
        kms._server = await ScriptedRpcServer.OverHttpAsync(kms.AnswerAsync);
        return kms;
    }

    public static Task RefuseAsync(HttpContext call, string type, int status = 400)
    {
        call.Response.StatusCode = status;
        call.Response.ContentType = "application/x-amz-json-1.1";
        return call.Response.WriteAsync($$"""{"__type":"{{type}}","message":"no"}""", call.RequestAborted);
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private async Task AnswerAsync(HttpContext call)
    {
        Interlocked.Increment(ref _calls);
        var operation = $"{call.Request.Headers["X-Amz-Target"]}".Split('.')[^1];
        if (await Fault(operation, call)) return;
        using var request = await JsonDocument.ParseAsync(call.Request.Body, cancellationToken: call.RequestAborted);
        Assert.Contains("AWS4-HMAC-SHA256", $"{call.Request.Headers.Authorization}", StringComparison.Ordinal);
        call.Response.ContentType = "application/x-amz-json-1.1";
        await call.Response.WriteAsJsonAsync(operation == "Sign" ? Sign(request.RootElement) : PublicKey(), call.RequestAborted);
    }

    private Dictionary<string, object> PublicKey()
    {
        var der = new AsnWriter(AsnEncodingRules.DER);
        using (der.PushSequence())
        {
            using (der.PushSequence())
            {
                der.WriteObjectIdentifier("1.2.840.10045.2.1");
                der.WriteObjectIdentifier(Curve);
            }

            der.WriteBitString(_key.PublicKey.Span);
        }

        return new()
        {
            ["KeyId"] = KeyId,
            ["KeySpec"] = "ECC_SECG_P256K1",
            ["KeyUsage"] = "SIGN_VERIFY",
            ["SigningAlgorithms"] = new[] { "ECDSA_SHA_256" },
            ["PublicKey"] = der.Encode(),
        };
    }

    private Dictionary<string, object> Sign(JsonElement request)
    {
        Assert.Equal(
            ("DIGEST", "ECDSA_SHA_256", KeyId),
            (
                request.GetProperty("MessageType").GetString(),
                request.GetProperty("SigningAlgorithm").GetString(),
                request.GetProperty("KeyId").GetString()));
        var signature = new byte[65];
        _key.Sign(request.GetProperty("Message").GetBytesFromBase64(), signature);
        var (r, s) = (new BigInteger(
            signature.AsSpan(0, 32),
            isUnsigned: true,
            isBigEndian: true), new BigInteger(signature.AsSpan(32, 32), isUnsigned: true, isBigEndian: true));
        if (Interlocked.Increment(ref _signed) % 2 == 0) s = Order - s;
        if (Change is { } change) (r, s) = change(r, s);
        var der = new AsnWriter(AsnEncodingRules.DER);
        using (der.PushSequence())
        {
            der.WriteInteger(r);
            der.WriteInteger(s);
        }

        return new() { ["KeyId"] = KeyId, ["SigningAlgorithm"] = "ECDSA_SHA_256", ["Signature"] = der.Encode() };
    }
}
