"""Stage 0: the unigram vocabulary, from captions. Writes spiece.model."""
import numpy as np
import scenes
import sentencepiece as spm

rng = np.random.default_rng(3)
with open("corpus.txt", "w") as f:
    for _ in range(30000):
        f.write(scenes.caption(rng, scenes.sample(rng)) + "\n")
spm.SentencePieceTrainer.train(
    input="corpus.txt",
    model_prefix="spiece",
    vocab_size=640,
    model_type="unigram",
    byte_fallback=True,
    pad_id=0,
    eos_id=1,
    bos_id=2,
    unk_id=3,
    pad_piece="<pad>",
    eos_piece="</s>",
    bos_piece="<s>",
    unk_piece="<unk>",
    character_coverage=1.0,
    hard_vocab_limit=False,
)
