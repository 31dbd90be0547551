/** 两次运行并列：哪里不同，比值依据什么，为什么没有比值。 */
import type { comparison as english } from './comparison_en';
import { products } from './products_zh';

export const comparison: typeof english = {
  unknown: '未注明',
  fields: {
    model: '模型',
    width: '宽',
    height: '高',
    frames: '帧数',
    tokens: '图块数',
    guidance: '引导',
    batch: '同时生成的视频数',
    decoder: '解码器',
    steps: '步数',
    promptTokens: '文本 token 数',
    activations: '激活精度',
    weights: '权重精度',
    attention: '注意力',
    offload: '显存中的权重',
    textEncoderOn: '文本编码器运行于',
    gpus: '显卡数',
  },
  values: {
    'wan22-5b': 'Wan2.2 5B',
    vae: '视频 VAE',
    tiny: '小解码器',
    resident: '全程常驻',
    partial: '部分流式加载',
    stream: '流式加载',
    'one-block': '以一个块代替全部',
    'between-stages': '每次一个网络',
    cpu: '主机 CPU',
    gpu: '显卡',
    ...products,
  },
  basis: {
    run: '双方完成的工作相同。',
    projection: '本机数字是由实测推算到对方工作规模的结果。',
    scaled: (own, factor, ownFrames, otherFrames) =>
      `工作规模不同：${own}的数字按 FLOPs 换算，由 ${ownFrames} 帧的一步换算到 ${otherFrames} 帧，系数 ${factor}。`,
    none: '没有比值：其中一方未注明工作规模。',
  },
  boundaries: {
    'wan22-enhanced': '从模型初始化到视频保存',
    'vllm-omni': '服务器计时的整个流程',
    'vllm-omni-bench': '客户端计时，从发出请求到收到视频',
    sglang: '服务器内的整个请求',
  },
  noRatio: {
    missing: '未注明',
    'unknown-work': '工作规模未注明',
    'other-work': '工作规模不同',
    boundary: '计时内容不同',
    'other-decoder': '解码器不同',
    'other-steps': '步数不同',
    'no-time': '耗时为零',
  },
};
