using System.Security.Cryptography;

namespace Xmtp.Gateway.Tests.Crypto;

/// <summary>The nonces of RFC 6979, section 3.2, with HMAC-SHA-256, one after another until one suits.</summary>
internal ref struct Rfc6979Nonce
{
    private const int Size = 32;

    private readonly Span<byte> _k;
    private readonly Span<byte> _v;
    private bool _used;

    /// <summary>Seeds the generator.</summary>
    /// <param name="privateKey">32 bytes.</param>
    /// <param name="hash">32 bytes: the hash less the curve's order where it is not below it, as the RFC's bits2octets.</param>
    /// <param name="state">64 bytes of room; the caller clears them when it is done.</param>
    public Rfc6979Nonce(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> hash, Span<byte> state)
    {
        _k = state[..Size];
        _v = state.Slice(Size, Size);
        _k.Clear();
        _v.Fill(1);
        Stir(0, privateKey, hash);
        Stir(1, privateKey, hash);
    }

    /// <summary>The next candidate.</summary>
    /// <param name="nonce">Receives 32 bytes: a number that the caller checks against the curve's order.</param>
    public void Next(Span<byte> nonce)
    {
        if (_used) Stir(0, default, default);
        _used = true;
        HMACSHA256.HashData(_k, _v, _v);
        _v.CopyTo(nonce);
    }

    private readonly void Stir(byte separator, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> hash)
    {
        Span<byte> input = stackalloc byte[Size + 1 + Size + Size];
        _v.CopyTo(input);
        input[Size] = separator;
        privateKey.CopyTo(input[(Size + 1)..]);
        hash.CopyTo(input[(Size + 1 + privateKey.Length)..]);
        HMACSHA256.HashData(_k, input[..(Size + 1 + privateKey.Length + hash.Length)], _k);
        HMACSHA256.HashData(_k, _v, _v);
        CryptographicOperations.ZeroMemory(input);
    }
}
